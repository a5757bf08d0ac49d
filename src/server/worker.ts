/**
 * The process that runs models. It is a process and not a thread because native code can crash or hang: a thread inside `session.run`
 * cannot be ended without ending the whole program. It ends by itself when the server's end of the channel closes.
 */
import sharp from 'sharp';
import { describeError, FramegateError, isFramegateError } from '../lib/errors.ts';
import { loadModel, type Model } from './model.ts';
import type { PictureAnswer, WireError, WorkerAnswer, WorkerMessage, WorkerRequest } from './worker-protocol.ts';

// One picture is decoded while another runs through a model; more threads than that only take turns.
sharp.concurrency(1);
sharp.cache(false);
// Pictures come from the network: only the plain raster formats are worth their attack surface.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Tiff', 'Nsgif'].map((format) => `VipsForeignLoad${format}`),
});

function work(): void {
  const models = new Map<string, Model>();

  const handle = async (request: WorkerRequest): Promise<PictureAnswer | undefined> => {
    if (request.kind === 'hello') return undefined;
    if (request.kind === 'load') {
      models.set(request.ref, await loadModel(request.file, request.manifest));
      return undefined;
    }
    const model = models.get(request.ref);
    if (model) return model(request.image, request.options);
    throw new FramegateError('ERR_MODEL_NOT_FOUND', `model ${request.ref} is not loaded`);
  };

  process.on('message', ({ id, request }: WorkerMessage) => {
    handle(request).then(
      (picture) => send({ id, picture, memory: process.memoryUsage.rss() }),
      (error: unknown) => send({ id, error: toWire(error), memory: process.memoryUsage.rss() }),
    );
  });
}

function send(answer: WorkerAnswer): void {
  process.send?.(answer);
}

function toWire(error: unknown): WireError {
  const known = isFramegateError(error) ? error : new FramegateError('ERR_WORKER_FAILED', describeError(error));
  const { code, message, hint, retryable } = known;
  return { code, message, retryable, ...(hint !== undefined && { hint }) };
}

work();
