/**
 * Tensors of ONNX Runtime from and to those that travel. For the worker only: it loads the native library.
 */
import { Tensor } from 'onnxruntime-node';
import { FramegateError } from '../lib/errors.ts';
import { DATA_TYPES, dataTypeOf, elementsOf, type WireTensor } from './tensor.ts';

export function toOnnx(tensor: WireTensor): Tensor {
  return new Tensor(DATA_TYPES[tensor.datatype].onnx, elementsOf(tensor) as Float32Array, tensor.shape);
}

/** Throws ERR_MODEL_UNSUPPORTED for types that cannot travel. */
export function fromOnnx(name: string, { type, dims, data }: Pick<Tensor, 'type' | 'dims' | 'data'>): WireTensor {
  const datatype = dataTypeOf(type);
  if (!datatype || Array.isArray(data)) {
    throw new FramegateError('ERR_MODEL_UNSUPPORTED', `output ${name} is ${type}, which cannot be sent`, {
      hint: 'export the model with float32 outputs',
      retryable: false,
    });
  }
  const { buffer, byteOffset, byteLength } = data as Float32Array;
  return { name, datatype, shape: dims, data: new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength) };
}
