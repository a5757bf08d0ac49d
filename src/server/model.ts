/**
 * A loaded model: session, preprocessing and decoder. Runs in the worker only: `session.run` blocks its thread.
 */
import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { describeError, FramegateError, isFramegateError } from '../lib/errors.ts';
import type { ModelManifest } from '../models/manifest.ts';
import type { Outputs } from './decoders/decoder.ts';
import { DECODERS } from './decoders/decoders.ts';
import { fromOnnx, toOnnx } from './onnx-tensor.ts';
import { preprocess } from './preprocess.ts';
import { lowestScore, select } from './select.ts';
import { openSession, sideInput, specsOf } from './session.ts';
import type { WireTensor } from './tensor.ts';
import { toWire } from './wire-error.ts';
import type { InferRequest, LoadedModel, PictureJob, PictureOutcome, SessionSettings } from './worker-protocol.ts';

export interface Model {
  readonly about: Omit<LoadedModel, 'bytes'>;
  /** A picture that cannot be read does not spoil those beside it. */
  detect(pictures: readonly PictureJob[]): Promise<PictureOutcome[]>;
  /** Throws ERR_INFERENCE_REJECTED when the graph does not take the tensors. */
  infer(request: Pick<InferRequest, 'inputs' | 'outputs'>): Promise<WireTensor[]>;
  unload(): Promise<void>;
}

/**
 * Loads a model and runs it once on a blank picture, so that a file that does not fit its manifest fails here and the first frame is not
 * the slow one. Throws ERR_MODEL_CORRUPT or ERR_MODEL_UNSUPPORTED.
 */
export async function loadModel(file: string, manifest: ModelManifest, settings: SessionSettings): Promise<Model> {
  const { session, fallback } = await openSession(file, manifest, settings);
  const run = runner(session, manifest);
  const decode = DECODERS[manifest.decoder as keyof typeof DECODERS];
  if (!decode) throw unsupported(manifest.name, `decoder ${manifest.decoder} belongs to a runner`);
  const decoded = (outputs: Outputs, fit: Parameters<typeof decode>[2], minScore: number) =>
    decode(outputs, manifest, fit, minScore);
  const { width, height } = manifest.input;
  await warmUp(manifest, async () => decoded((await run([blank(manifest)]))[0] ?? {}, { width, height }, 1));
  const hasBatchAxis = await takesBatches(session, manifest);

  return {
    about: { inputs: specsOf(session.inputMetadata), outputs: specsOf(session.outputMetadata), hasBatchAxis, fallback },
    async detect(pictures) {
      const startedAt = performance.now();
      const prepared = await Promise.allSettled(pictures.map(({ image }) => preprocess(image, manifest.input)));
      const ready = prepared.filter((result) => result.status === 'fulfilled').map(({ value }) => value);
      const outputs = ready.length > 0 ? await run(ready.map(({ data }) => data)) : [];
      let next = 0;
      return prepared.map((result, index): PictureOutcome => {
        if (result.status === 'rejected') return { error: toWire(result.reason) };
        const { options } = pictures[index] as PictureJob;
        const minScore = lowestScore(manifest, options.confidence);
        const found = decoded(outputs[next] ?? {}, result.value.fit, minScore);
        next += 1;
        const { width: pictureWidth, height: pictureHeight } = result.value;
        const seconds = (performance.now() - startedAt) / 1000;
        const detections = select(found, manifest, options);
        return { picture: { detections, width: pictureWidth, height: pictureHeight, seconds } };
      });
    },
    async infer({ inputs, outputs }) {
      const feeds = inputs instanceof Uint8Array ? await pictureFeeds(session, manifest, inputs) : tensorFeeds(inputs);
      const results = await session.run(feeds, [...outputs]).catch((error: unknown) => {
        throw new FramegateError('ERR_INFERENCE_REJECTED', describeError(error), { cause: error, retryable: false });
      });
      return outputs.map((name) => fromOnnx(name, results[name] as Tensor));
    },
    unload: () => session.release(),
  };
}

type Pixels = Float32Array | Uint8Array;

/** Runs pictures together; gives the outputs of each. */
type Run = (pictures: readonly Pixels[]) => Promise<Outputs[]>;

function runner(session: InferenceSession, manifest: ModelManifest): Run {
  const { name, input } = manifest;
  const wanted = session.inputNames.filter((inputName) => !sideInput(inputName, input, 1));
  const [inputName, ...others] = wanted;
  if (inputName === undefined || others.length > 0) {
    throw unsupported(name, `it has ${wanted.length} inputs instead of one`);
  }
  return async (pictures) => {
    const results = await session.run(feedsOf(session, manifest, pictures));
    return pictures.map((_, index) =>
      Object.fromEntries(
        Object.entries(results).map(([output, tensor]) => [
          output,
          share(name, output, tensor, index, pictures.length),
        ]),
      ),
    );
  };
}

function feedsOf(session: InferenceSession, { input }: ModelManifest, pictures: readonly Pixels[]) {
  const { width, height, layout, type } = input;
  const batch = pictures.length;
  const dims = layout === 'nchw' ? [batch, 3, height, width] : [batch, height, width, 3];
  const feeds = session.inputNames.map((name) => {
    return [name, sideInput(name, input, batch) ?? new Tensor(type, joined(pictures), dims)] as const;
  });
  return Object.fromEntries(feeds);
}

function joined(pictures: readonly Pixels[]): Pixels {
  const [first, ...others] = pictures as [Pixels, ...Pixels[]];
  if (others.length === 0) return first;
  const all =
    first instanceof Uint8Array
      ? new Uint8Array(first.length * pictures.length)
      : new Float32Array(first.length * pictures.length);
  pictures.forEach((picture, index) => {
    all.set(picture, index * first.length);
  });
  return all;
}

/** The part of an output that belongs to picture `index`, as float32. */
function share(model: string, output: string, { type, data, dims }: Tensor, index: number, batch: number) {
  const length = data.length / batch;
  const shape = batch === 1 ? dims : [1, ...dims.slice(1)];
  if (data instanceof Float32Array) return { data: data.subarray(index * length, (index + 1) * length), dims: shape };
  if (data instanceof BigInt64Array || data instanceof Int32Array) {
    return { data: Float32Array.from(data.subarray(index * length, (index + 1) * length), Number), dims: shape };
  }
  throw unsupported(model, `its output ${output} is ${type}, not float32`);
}

const blank = ({ input: { width, height, type } }: ModelManifest): Pixels =>
  type === 'uint8' ? new Uint8Array(3 * width * height) : new Float32Array(3 * width * height);

async function warmUp({ name }: ModelManifest, run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch (error) {
    throw isFramegateError(error) ? error : unsupported(name, describeError(error));
  }
}

/** Only what was tried is believed: exporters give the first axis a name although the graph works for one picture alone. */
async function takesBatches(session: InferenceSession, manifest: ModelManifest): Promise<boolean> {
  const isOpen = ({ shape }: { readonly shape: readonly number[] }) => shape[0] === -1;
  if (!specsOf(session.inputMetadata).every(isOpen) || !specsOf(session.outputMetadata).every(isOpen)) return false;
  try {
    const results = await session.run(feedsOf(session, manifest, [blank(manifest), blank(manifest)]));
    return Object.values(results).every(({ dims }) => dims[0] === 2);
  } catch {
    return false; // one picture at a time then
  }
}

async function pictureFeeds(session: InferenceSession, manifest: ModelManifest, image: Uint8Array) {
  return feedsOf(session, manifest, [(await preprocess(image, manifest.input)).data]);
}

function tensorFeeds(inputs: readonly WireTensor[]) {
  return Object.fromEntries(inputs.map((tensor) => [tensor.name, toOnnx(tensor)]));
}

function unsupported(name: string, why: string): FramegateError {
  return new FramegateError('ERR_MODEL_UNSUPPORTED', `model ${name} cannot be served: ${why}`, {
    hint: 'its manifest.json does not describe this file',
    retryable: false,
  });
}
