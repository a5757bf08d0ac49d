/**
 * Tensors of an answer of the Open Inference Protocol v2, as JSON numbers or as bytes behind the JSON (little endian, row by row).
 */
import { z } from 'zod';
import { parseJson } from '../failure.ts';

/** How many of the first bytes of a body are JSON; absent where all are. */
export const JSON_LENGTH_HEADER = 'inference-header-content-length';

export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: readonly number[] | readonly string[];
}

const answer = z.object({
  outputs: z.array(
    z.object({
      name: z.string(),
      datatype: z.string(),
      shape: z.array(z.int().min(0)),
      parameters: z.looseObject({ binary_data_size: z.int().min(0).optional() }).optional(),
      data: z.array(z.unknown()).optional(),
    }),
  ),
});

const READERS: Readonly<Record<string, readonly [bytes: number, read: (bytes: Buffer, at: number) => number]>> = {
  BOOL: [1, (bytes, at) => bytes.readUInt8(at)],
  UINT8: [1, (bytes, at) => bytes.readUInt8(at)],
  INT32: [4, (bytes, at) => bytes.readInt32LE(at)],
  UINT32: [4, (bytes, at) => bytes.readUInt32LE(at)],
  INT64: [8, (bytes, at) => Number(bytes.readBigInt64LE(at))],
  FP32: [4, (bytes, at) => bytes.readFloatLE(at)],
  FP64: [8, (bytes, at) => bytes.readDoubleLE(at)],
};

export function readTensors(
  body: Buffer,
  jsonLength: string | string[] | undefined,
): { readonly tensors: readonly Tensor[] } | { readonly problem: string } {
  const length = jsonLength === undefined ? body.length : Number(jsonLength);
  if (!Number.isInteger(length) || length < 0 || length > body.length) return { problem: 'an answer that was cut off' };
  const json = parseJson(body.toString('utf8', 0, length));
  if (json === undefined) return { problem: 'something that is not JSON' };
  const read = answer.safeParse(json);
  if (!read.success) return { problem: 'an answer without tensors' };
  let at = length;
  const tensors: Tensor[] = [];
  for (const { name, datatype, shape, parameters, data } of read.data.outputs) {
    const size = parameters?.binary_data_size;
    const bytes = size === undefined ? undefined : body.subarray(at, at + size);
    if (bytes && bytes.length !== size) return { problem: 'an answer that was cut off' };
    at += size ?? 0;
    const values = bytes ? fromBytes(datatype, bytes) : fromJson(datatype, data);
    const count = shape.reduce((product, dimension) => product * dimension, 1);
    if (values?.length !== count) return { problem: `a tensor ${name} of ${datatype} that cannot be read` };
    tensors.push({ name, shape, values });
  }
  return { tensors };
}

function fromBytes(datatype: string, bytes: Buffer): Tensor['values'] | undefined {
  if (datatype === 'BYTES') return texts(bytes);
  const reader = READERS[datatype];
  if (!reader || bytes.length % reader[0] !== 0) return undefined;
  const [size, read] = reader;
  return Array.from({ length: bytes.length / size }, (_, index) => read(bytes, index * size));
}

/** Each element has its length of four bytes in front. */
function texts(bytes: Buffer): string[] | undefined {
  const found: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (at + 4 > bytes.length) return undefined;
    const end = at + 4 + bytes.readUInt32LE(at);
    if (end > bytes.length) return undefined;
    found.push(bytes.toString('utf8', at + 4, end));
    at = end;
  }
  return found;
}

/** JSON has no NaN: what stands for it is no number and makes the tensor unreadable. */
function fromJson(datatype: string, data: readonly unknown[] | undefined): Tensor['values'] | undefined {
  const flat = data?.flat(Number.POSITIVE_INFINITY);
  if (!flat) return undefined;
  if (datatype === 'BYTES') return flat.every((value) => typeof value === 'string') ? flat : undefined;
  return flat.every((value) => typeof value === 'number') ? flat : undefined;
}
