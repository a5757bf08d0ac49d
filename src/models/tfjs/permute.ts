import type { Tensor } from '../onnx/model.ts';

/** Reorders the axes of a constant: axis `i` of the result is axis `order[i]` of `tensor`. */
export function permute(tensor: Tensor, order: readonly number[]): Tensor {
  const count = tensor.shape.reduce((product, size) => product * size, 1);
  const elementBytes = tensor.data.byteLength / count;
  const strides = stridesOf(tensor.shape);
  const shape = order.map((axis) => tensor.shape[axis] ?? 1);
  const steps = order.map((axis) => strides[axis] ?? 0);
  const data = Buffer.alloc(tensor.data.byteLength);
  const position = shape.map(() => 0);
  for (let target = 0; target < count; target += 1) {
    const source = position.reduce((sum, index, axis) => sum + index * (steps[axis] ?? 0), 0);
    data.set(tensor.data.subarray(source * elementBytes, (source + 1) * elementBytes), target * elementBytes);
    advance(position, shape);
  }
  return { type: tensor.type, shape, data };
}

/** How many elements apart two neighbours on each axis are. */
function stridesOf(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis -= 1) {
    strides[axis] = (strides[axis + 1] ?? 1) * (shape[axis + 1] ?? 1);
  }
  return strides;
}

/** Counts one up, the last axis fastest. */
function advance(position: number[], shape: readonly number[]): void {
  for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
    const next = (position[axis] ?? 0) + 1;
    position[axis] = next < (shape[axis] ?? 0) ? next : 0;
    if (position[axis] !== 0) return;
  }
}
