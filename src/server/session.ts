/**
 * A session of ONNX Runtime: opening it with the providers that are there, feeding it, taking its outputs. Worker only.
 */
import { InferenceSession, listSupportedBackends, Tensor } from 'onnxruntime-node';
import { describeError, FramegateError } from '../lib/errors.ts';
import type { ModelManifest } from '../models/manifest.ts';
import { encodeModel } from '../models/onnx/model.ts';
import type { ExecutionProvider } from './config.ts';
import { dataTypeOf, type TensorSpec } from './tensor.ts';
import type { SessionSettings } from './worker-protocol.ts';

/** Only errors: exporters leave hundreds of warnings about unused initializers. */
const LOG_ERRORS = 3;

export interface OpenedSession {
  readonly session: InferenceSession;
  /** Why not the first of the wanted providers computes; empty when it does. */
  readonly fallback: string;
}

/** Tries the providers in order, `cpu` last in any case. Throws ERR_MODEL_CORRUPT when none can load the file. */
export async function openSession(
  file: string,
  manifest: ModelManifest,
  { providers, threads }: SessionSettings,
): Promise<OpenedSession> {
  const failures: string[] = [];
  const inBuild = listSupportedBackends().map(({ name }) => name);
  for (const provider of [...new Set<ExecutionProvider>([...providers, 'cpu'])]) {
    if (!inBuild.includes(provider)) {
      failures.push(`${provider} is not in this build of ONNX Runtime (it has ${inBuild.join(', ')})`);
      continue;
    }
    try {
      const session = await InferenceSession.create(file, {
        executionProviders: [provider],
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        logSeverityLevel: LOG_ERRORS,
        // Spinning threads burn a core that the cameras need, for nothing at one thread.
        extra: { session: { intra_op: { allow_spinning: '0' } } },
      });
      const fallback = failures.length > 0 ? `${failures.join('; ')}: ${provider} is used instead` : '';
      return { session, fallback };
    } catch (error) {
      if (provider === 'cpu') throw corrupt(file, manifest, error);
      failures.push(`${provider} cannot be used (${describeError(error)})`);
    }
  }
  throw corrupt(file, manifest, failures.join('; '));
}

function corrupt(file: string, { name }: ModelManifest, error: unknown): FramegateError {
  return new FramegateError('ERR_MODEL_CORRUPT', `model ${name} cannot be loaded: ${describeError(error)}`, {
    cause: error,
    hint: `see whether ${file} is whole with "framegate model verify"`,
    retryable: false,
  });
}

/** Runs a graph that does nothing, so that what the runtime itself takes is not taken for the size of the first model. */
export async function warmUpRuntime(): Promise<undefined> {
  const port = { type: 'float32', shape: [1] } as const;
  const nothing = encodeModel({
    name: 'nothing',
    nodes: [{ op: 'Identity', inputs: ['in'], outputs: ['out'] }],
    initializers: new Map(),
    inputs: [{ name: 'in', ...port }],
    outputs: [{ name: 'out', ...port }],
  });
  const session = await InferenceSession.create(nothing, { intraOpNumThreads: 1 });
  await session.run({ in: new Tensor('float32', new Float32Array(1), [1]) });
  await session.release();
}

/** Names, types and shapes of the graph's inputs or outputs; those of a type that cannot travel are left out. */
export function specsOf(metadata: readonly InferenceSession.ValueMetadata[]): TensorSpec[] {
  return metadata.flatMap((value) => {
    const datatype = value.isTensor ? dataTypeOf(value.type) : undefined;
    if (!value.isTensor || !datatype) return [];
    return [{ name: value.name, datatype, shape: value.shape.map((size) => (typeof size === 'number' ? size : -1)) }];
  });
}

/**
 * What models want beside the picture, by the name of the input: the size of "the original picture", as that of the input, so that boxes
 * come out in pixels of the input.
 */
export function sideInput(name: string, { width, height }: ModelManifest['input'], batch: number): Tensor | undefined {
  const perPicture = <T>(...values: T[]): T[] => Array.from({ length: batch }, () => values).flat();
  switch (name) {
    case 'orig_target_sizes':
      return new Tensor('int64', BigInt64Array.from(perPicture(BigInt(width), BigInt(height))), [batch, 2]);
    case 'im_shape':
      return new Tensor('float32', Float32Array.from(perPicture(height, width)), [batch, 2]);
    case 'scale_factor':
      return new Tensor('float32', Float32Array.from(perPicture(1, 1)), [batch, 2]);
    default:
      return undefined;
  }
}
