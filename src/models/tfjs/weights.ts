import { FramegateError } from '../../lib/errors.ts';
import type { Tensor } from '../onnx/model.ts';
import { int64s } from '../onnx/tensor.ts';
import type { WeightEntry } from './graph.ts';
import { unsupported } from './unsupported.ts';

/**
 * Cuts the weights file into its tensors. Half precision stays half precision; integers become int64, the type of all shapes and
 * indices in ONNX. Throws ERR_MODEL_CORRUPT when the sizes do not add up, ERR_MODEL_UNSUPPORTED for other ways of storing weights.
 */
export function readWeights(entries: readonly WeightEntry[], bytes: Uint8Array): ReadonlyMap<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  let offset = 0;
  for (const entry of entries) {
    const type = storedType(entry);
    const count = entry.shape.reduce((product, size) => product * size, 1);
    const end = offset + count * BYTES_PER_ELEMENT[type];
    const data = bytes.subarray(offset, end);
    tensors.set(
      entry.name,
      type === 'int32' ? int64s(readInt32s(data), entry.shape) : { type, shape: entry.shape, data },
    );
    offset = end;
  }
  if (offset !== bytes.length) {
    throw new FramegateError('ERR_MODEL_CORRUPT', `the weights have ${bytes.length} bytes instead of ${offset}`, {
      hint: 'install the npm package that they belong to again',
      retryable: false,
    });
  }
  return tensors;
}

const BYTES_PER_ELEMENT = { float16: 2, float32: 4, int32: 4 } as const;

function storedType({ name, dtype, quantization }: WeightEntry): keyof typeof BYTES_PER_ELEMENT {
  if (dtype === 'float32' && quantization?.dtype === 'float16') return 'float16';
  if (!quantization && (dtype === 'float32' || dtype === 'int32')) return dtype;
  throw unsupported(`weights stored as ${quantization?.dtype ?? dtype}`, name);
}

function readInt32s(data: Uint8Array): number[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return Array.from({ length: data.byteLength / 4 }, (_, index) => view.getInt32(index * 4, true));
}
