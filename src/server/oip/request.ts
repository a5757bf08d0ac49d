/**
 * Requests of the Open Inference Protocol v2 over HTTP, with the binary tensor extension. Sources: open-inference-protocol
 * `specification/protocol/inference_rest.md`, triton-inference-server `docs/protocol/extension_binary_data.md`.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { FramegateError } from '../../lib/errors.ts';
import { decodeBase64 } from '../picture-body.ts';
import { check, parseJson } from '../request-options.ts';
import { DATA_TYPES, type DataType, type TensorSpec, type WireTensor } from '../tensor.ts';

/** How many of the first bytes of the body are JSON; absent where all are. */
export const JSON_LENGTH_HEADER = 'inference-header-content-length';

const parameters = z.looseObject({
  binary_data_size: z.int().min(0).optional(),
  binary_data: z.boolean().optional(),
});

const inferJson = z.object({
  id: z.string().optional(),
  parameters: z
    .looseObject({ binary_data_output: z.boolean().optional(), timeout: z.number().min(0).optional() })
    .default({}),
  inputs: z
    .array(
      z.object({
        name: z.string(),
        shape: z.array(z.int().min(0)),
        datatype: z.enum(['BYTES', ...(Object.keys(DATA_TYPES) as DataType[])]),
        parameters: parameters.default({}),
        data: z.array(z.unknown()).optional(),
      }),
    )
    .min(1),
  outputs: z.array(z.object({ name: z.string(), parameters: parameters.default({}) })).optional(),
});

type JsonInput = z.output<typeof inferJson>['inputs'][number];

export interface OipRequest {
  readonly id: string | undefined;
  /** Tensors of the graph, or one encoded picture. */
  readonly inputs: readonly WireTensor[] | Uint8Array;
  /** Undefined for all. */
  readonly outputs: ReadonlyArray<{ readonly name: string; readonly isBinary: boolean }> | undefined;
  /** For outputs that are not listed. */
  readonly isBinary: boolean;
  readonly deadlineMs: number | undefined;
  /** As they came, for the options of detections. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** `specs`: the inputs of the model. Throws ERR_INFERENCE_REJECTED, or ERR_IMAGE_INVALID for a picture that is not base64. */
export function parseInfer(body: unknown, headers: IncomingHttpHeaders, specs: readonly TensorSpec[]): OipRequest {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
  const length = Number(headers[JSON_LENGTH_HEADER] ?? bytes.length);
  if (!Number.isInteger(length) || length < 0 || length > bytes.length)
    throw rejected(`${JSON_LENGTH_HEADER}: does not fit the body`);
  if (length === 0 && headers[JSON_LENGTH_HEADER] !== undefined) return rawRequest(bytes, specs);
  const json = check(inferJson, parseJson(bytes.subarray(0, length)));
  const inputs = readInputs(json.inputs, bytes.subarray(length));
  const isBinary = json.parameters.binary_data_output ?? false;
  const { timeout } = json.parameters;
  return {
    id: json.id,
    inputs,
    isBinary,
    outputs: json.outputs?.map((output) => ({
      name: output.name,
      isBinary: output.parameters.binary_data ?? isBinary,
    })),
    // Triton's schedule policy extension gives microseconds; 0 stands for none.
    deadlineMs: timeout ? timeout / 1000 : undefined,
    parameters: json.parameters,
  };
}

/** A body without JSON is the one input of the model. */
function rawRequest(bytes: Buffer, [spec, ...others]: readonly TensorSpec[]): OipRequest {
  if (!spec || others.length > 0) throw rejected('a body without JSON is for models with one input');
  const known = elementCount(spec.shape.filter((size) => size >= 0)) * DATA_TYPES[spec.datatype].bytes;
  const open = bytes.length / known;
  const shape = spec.shape.map((size) => (size >= 0 ? size : open));
  const input = { name: spec.name, datatype: spec.datatype, shape, data: bytes };
  checkSize(input);
  return { id: undefined, inputs: [input], outputs: undefined, isBinary: true, deadlineMs: undefined, parameters: {} };
}

function readInputs(inputs: readonly JsonInput[], binary: Buffer): readonly WireTensor[] | Uint8Array {
  let at = 0;
  const take = (size: number) => {
    if (at + size > binary.length) throw rejected('binary_data_size: the body is shorter than that');
    at += size;
    return binary.subarray(at - size, at);
  };
  const [first, ...others] = inputs as [JsonInput, ...JsonInput[]];
  if (first.datatype === 'BYTES') {
    if (others.length > 0 || elementCount(first.shape) !== 1)
      throw rejected('a picture comes alone: one input of shape [1]');
    if (first.data) return decodeBase64(String(first.data.flat(Number.POSITIVE_INFINITY)[0]));
    // The size may be left out where nothing else follows.
    return onlyElement(take(first.parameters.binary_data_size ?? binary.length));
  }
  const tensors = inputs.map(({ name, datatype, shape, data, parameters: { binary_data_size: size } }): WireTensor => {
    if (datatype === 'BYTES') throw rejected(`${name}: a picture comes alone`);
    const tensor = { name, datatype, shape, data: size === undefined ? fromNumbers(name, datatype, data) : take(size) };
    checkSize(tensor);
    return tensor;
  });
  if (at < binary.length) throw rejected(`${binary.length - at} bytes more than binary_data_size says`);
  return tensors;
}

/** Elements of BYTES have their length in front, 32 bits little endian. */
function onlyElement(bytes: Buffer): Uint8Array {
  if (bytes.length >= 4 && bytes.readUInt32LE() === bytes.length - 4) return bytes.subarray(4);
  throw rejected('BYTES: expected one element behind its length of 4 bytes');
}

function fromNumbers(name: string, datatype: DataType, data: readonly unknown[] | undefined): Uint8Array {
  if (!data) throw rejected(`${name}: has neither data nor binary_data_size`);
  const flat = data.flat(Number.POSITIVE_INFINITY);
  const isValid = (value: unknown) => (datatype === 'BOOL' ? typeof value === 'boolean' : typeof value === 'number');
  if (!flat.every(isValid))
    throw rejected(`${name}: data must be ${datatype === 'BOOL' ? 'true or false' : 'numbers'}`);
  const { array } = DATA_TYPES[datatype];
  const is64 = datatype === 'INT64' || datatype === 'UINT64';
  const values = is64 ? flat.map((value) => BigInt(Math.trunc(Number(value)))) : flat.map(Number);
  const { buffer } = (array as { from(values: readonly unknown[]): Float32Array }).from(values);
  return new Uint8Array(buffer);
}

function checkSize({ name, datatype, shape, data }: WireTensor): void {
  const expected = elementCount(shape) * DATA_TYPES[datatype].bytes;
  if (data.length === expected) return;
  throw rejected(`${name}: ${datatype} [${shape.join(', ')}] takes ${expected} bytes, not ${data.length}`);
}

const elementCount = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

function rejected(message: string): FramegateError {
  return new FramegateError('ERR_INFERENCE_REJECTED', message, { retryable: false });
}
