import type { Tensor } from './model.ts';

/** A float32 constant; the shape defaults to a list of all values. */
export function floats(values: readonly number[] | Float32Array, shape?: readonly number[]): Tensor {
  const data = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => {
    data.writeFloatLE(value, index * 4);
  });
  return { type: 'float32', shape: shape ?? [values.length], data };
}

/** An int64 constant, the type of every shape, index and axis in ONNX; the shape defaults to a list of all values. */
export function int64s(values: readonly number[], shape?: readonly number[]): Tensor {
  const data = Buffer.alloc(values.length * 8);
  values.forEach((value, index) => {
    data.writeBigInt64LE(BigInt(value), index * 8);
  });
  return { type: 'int64', shape: shape ?? [values.length], data };
}
