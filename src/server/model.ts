/**
 * A loaded model: session, preprocessing and decoder as one function. Runs in the worker only: `session.run` blocks its thread.
 */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describeError, FramegateError, isFramegateError } from '../lib/errors.ts';
import type { ModelManifest } from '../models/manifest.ts';
import { decodeCenternet } from './decoders/centernet.ts';
import type { Decoder, Outputs } from './decoders/decoder.ts';
import { suppress } from './decoders/nms.ts';
import { decodeYolox } from './decoders/yolox.ts';
import { preprocess } from './preprocess.ts';
import type { DetectOptions, PictureAnswer } from './worker-protocol.ts';

const DECODERS: Readonly<Record<ModelManifest['decoder'], Decoder>> = {
  yolox: decodeYolox,
  centernet: decodeCenternet,
};

/** Only errors: exporters leave hundreds of warnings about unused initializers. */
const LOG_ERRORS = 3;

export type Model = (image: Uint8Array, options: DetectOptions) => Promise<PictureAnswer>;

/**
 * Loads a model and runs it once on a blank picture, so that a file that does not fit its manifest fails here and the first frame is not
 * the slow one. Throws ERR_MODEL_CORRUPT or ERR_MODEL_UNSUPPORTED.
 */
export async function loadModel(file: string, manifest: ModelManifest): Promise<Model> {
  const session = await openSession(file, manifest);
  const run = runner(session, manifest);
  const decode = DECODERS[manifest.decoder];
  await warmUp(run, decode, manifest);

  return async (image, options) => {
    const startedAt = performance.now();
    const picture = await preprocess(image, manifest.input);
    const found = decode(await run(picture.data), manifest, picture.fit, options.confidence);
    const wanted = options.labels ? found.filter(({ label }) => options.labels?.includes(label)) : found;
    return {
      detections: suppress(wanted, options.overlap, options.classAgnostic).slice(0, options.maxDetections),
      width: picture.width,
      height: picture.height,
      seconds: (performance.now() - startedAt) / 1000,
    };
  };
}

async function openSession(file: string, manifest: ModelManifest): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(file, {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      logSeverityLevel: LOG_ERRORS,
      // Spinning threads burn a core that the cameras need, for nothing at one thread.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
  } catch (error) {
    throw new FramegateError('ERR_MODEL_CORRUPT', `model ${manifest.name} cannot be loaded: ${describeError(error)}`, {
      cause: error,
      hint: `see whether ${file} is whole with "framegate model verify"`,
      retryable: false,
    });
  }
}

type Run = (pixels: Float32Array | Uint8Array) => Promise<Outputs>;

function runner(session: InferenceSession, { name, input }: ModelManifest): Run {
  const [inputName, ...others] = session.inputNames;
  if (inputName === undefined || others.length > 0) {
    throw unsupported(name, `it has ${session.inputNames.length} inputs instead of one`);
  }
  const { width, height, layout, type } = input;
  const dims = layout === 'nchw' ? [1, 3, height, width] : [1, height, width, 3];
  return async (pixels) => {
    const results = await session.run({ [inputName]: new Tensor(type, pixels, dims) });
    return Object.fromEntries(
      Object.entries(results).map(([output, { type: outputType, data, dims: shape }]) => {
        if (!(data instanceof Float32Array))
          throw unsupported(name, `its output ${output} is ${outputType}, not float32`);
        return [output, { data, dims: shape }];
      }),
    );
  };
}

async function warmUp(run: Run, decode: Decoder, manifest: ModelManifest): Promise<void> {
  const { width, height, type } = manifest.input;
  const values = 3 * width * height;
  try {
    const outputs = await run(type === 'uint8' ? new Uint8Array(values) : new Float32Array(values));
    decode(outputs, manifest, { width, height }, 1);
  } catch (error) {
    throw isFramegateError(error) ? error : unsupported(manifest.name, describeError(error));
  }
}

function unsupported(name: string, why: string): FramegateError {
  return new FramegateError('ERR_MODEL_UNSUPPORTED', `model ${name} cannot be served: ${why}`, {
    hint: 'its manifest.json does not describe this file',
    retryable: false,
  });
}
