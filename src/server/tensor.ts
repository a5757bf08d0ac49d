/**
 * Tensors between processes and on the wire: little endian, row-major. The names of data types are those of the Open Inference Protocol.
 */
export const DATA_TYPES = {
  FP32: { onnx: 'float32', bytes: 4, array: Float32Array },
  FP64: { onnx: 'float64', bytes: 8, array: Float64Array },
  INT8: { onnx: 'int8', bytes: 1, array: Int8Array },
  INT16: { onnx: 'int16', bytes: 2, array: Int16Array },
  INT32: { onnx: 'int32', bytes: 4, array: Int32Array },
  INT64: { onnx: 'int64', bytes: 8, array: BigInt64Array },
  UINT8: { onnx: 'uint8', bytes: 1, array: Uint8Array },
  UINT16: { onnx: 'uint16', bytes: 2, array: Uint16Array },
  UINT32: { onnx: 'uint32', bytes: 4, array: Uint32Array },
  UINT64: { onnx: 'uint64', bytes: 8, array: BigUint64Array },
  BOOL: { onnx: 'bool', bytes: 1, array: Uint8Array },
} as const;

export type DataType = keyof typeof DATA_TYPES;

export interface TensorSpec {
  readonly name: string;
  readonly datatype: DataType;
  /** -1 for an axis of any length. */
  readonly shape: readonly number[];
}

export interface WireTensor extends TensorSpec {
  readonly data: Uint8Array;
}

/** `undefined` for types that cannot travel: strings, half precision. */
export function dataTypeOf(onnxType: string): DataType | undefined {
  return (Object.keys(DATA_TYPES) as DataType[]).find((name) => DATA_TYPES[name].onnx === onnxType);
}

/** The elements of a tensor as numbers of its own type; copied where the bytes are not aligned. */
export function elementsOf({ datatype, data }: Pick<WireTensor, 'datatype' | 'data'>) {
  const { bytes, array } = DATA_TYPES[datatype];
  const aligned = data.byteOffset % bytes === 0 ? data : Uint8Array.from(data);
  return new array(aligned.buffer as ArrayBuffer, aligned.byteOffset, aligned.byteLength / bytes);
}
