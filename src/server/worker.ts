/**
 * The process that runs models. It is a process and not a thread because native code can crash or hang: a thread inside `session.run`
 * cannot be ended without ending the whole program. It ends by itself when the server's end of the channel closes.
 */
import sharp from 'sharp';
import { FramegateError } from '../lib/errors.ts';
import { draw } from './draw.ts';
import { loadModel, type Model } from './model.ts';
import { preprocess } from './preprocess.ts';
import { warmUpRuntime } from './session.ts';
import { toWire } from './wire-error.ts';
import type { LoadRequest, WorkerAnswer, WorkerMessage, WorkerRequest, WorkerResults } from './worker-protocol.ts';

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

  const load = async ({ key, file, manifest, settings }: LoadRequest) => {
    const before = process.memoryUsage.rss();
    const model = await loadModel(file, manifest, settings);
    models.set(key, model);
    return { ...model.about, bytes: Math.max(0, process.memoryUsage.rss() - before) };
  };

  const unload = async (key: string) => {
    const model = models.get(key);
    models.delete(key);
    await model?.unload();
    return undefined;
  };

  const model = (key: string) => {
    const found = models.get(key);
    if (found) return found;
    throw new FramegateError('ERR_MODEL_NOT_FOUND', `model ${key} is not loaded`);
  };

  const handle = async (request: WorkerRequest): Promise<WorkerResults[WorkerRequest['kind']]> => {
    switch (request.kind) {
      case 'hello':
        return warmUpRuntime();
      case 'load':
        return load(request);
      case 'unload':
        return unload(request.key);
      case 'detect':
        return model(request.key).detect(request.pictures);
      case 'infer':
        return model(request.key).infer(request);
      case 'prepare':
        return preprocess(request.image, request.input);
      case 'draw':
        return draw(request.image, request.detections, request.drawing);
    }
  };

  process.on('message', ({ id, request }: WorkerMessage) => {
    handle(request).then(
      (result) => send({ id, result, memory: process.memoryUsage.rss() }),
      (error: unknown) => send({ id, error: toWire(error), memory: process.memoryUsage.rss() }),
    );
  });
}

function send(answer: WorkerAnswer): void {
  process.send?.(answer);
}

work();
