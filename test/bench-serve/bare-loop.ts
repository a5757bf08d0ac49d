/**
 * What the model itself can do: a process that does nothing but run it, over the same session as the server's workers.
 */
import { Tensor } from 'onnxruntime-node';
import sharp from 'sharp';
import type { ModelManifest } from '../../src/models/manifest.ts';
import { loadModel } from '../../src/server/model.ts';
import { openSession } from '../../src/server/session.ts';

export interface BareRequest {
  readonly file: string;
  readonly manifest: ModelManifest;
  readonly jpeg: Uint8Array;
  /**
   * `session`: `session.run` on a tensor that is there; `picture`: from the JPEG to the boxes, two at a time as in a worker; `alone`: the same, one at
   * a time.
   */
  readonly what: 'session' | 'picture' | 'alone';
  readonly ms: number;
}

export interface BareReply {
  readonly frames: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Of each frame, in ms. */
  readonly durations: readonly number[];
}

const SETTINGS = { providers: ['cpu'], threads: 1 } as const;
const OPTIONS = { confidence: 0.4, overlap: 0.3, maxDetections: 300, classAgnostic: false } as const;

async function runOnce({ file, manifest, jpeg, what }: BareRequest): Promise<() => Promise<unknown>> {
  if (what !== 'session') {
    const model = await loadModel(file, manifest, SETTINGS);
    return () => model.detect([{ image: jpeg, options: OPTIONS }]);
  }
  const { session } = await openSession(file, manifest, SETTINGS);
  const { width, height, layout, type } = manifest.input;
  const values = 3 * width * height;
  const data = type === 'uint8' ? new Uint8Array(values) : new Float32Array(values);
  const dims = layout === 'nchw' ? [1, 3, height, width] : [1, height, width, 3];
  const feeds = { [session.inputNames[0] as string]: new Tensor(type, data, dims) };
  return () => session.run(feeds);
}

async function measure(request: BareRequest): Promise<BareReply> {
  sharp.concurrency(1);
  sharp.cache(false);
  const once = await runOnce(request);
  await once();
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  const durations: number[] = [];
  const loop = async () => {
    while (performance.now() - startedAt < request.ms) {
      const at = performance.now();
      await once();
      durations.push(performance.now() - at);
    }
  };
  // Two at a time where there is something to overlap, as in a worker.
  await Promise.all(request.what === 'picture' ? [loop(), loop()] : [loop()]);
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - startedAt) / 1000;
  return { frames: durations.length, seconds, cpuSeconds: (user + system) / 1e6, durations };
}

process.once('message', (request: BareRequest) => {
  void measure(request).then((reply) => process.send?.(reply, () => process.disconnect()));
});
