import { FramegateError } from '../../lib/errors.ts';

/** ERR_MODEL_UNSUPPORTED for a part of a TensorFlow graph that has no rule for its conversion. */
export function unsupported(what: string, node: string): FramegateError {
  return new FramegateError('ERR_MODEL_UNSUPPORTED', `cannot convert ${what} (in ${node}) to ONNX`, {
    hint: 'use a model that its authors publish as ONNX, or the version of the npm package that this program was released with',
    retryable: false,
  });
}
