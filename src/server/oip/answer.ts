/**
 * Answers of the Open Inference Protocol v2, as JSON or with tensors behind it.
 */
import type { WireTensor } from '../tensor.ts';
import { elementsOf } from '../tensor.ts';

/** Texts, such as labels: each element has its length in front on the wire. */
export interface TextTensor {
  readonly name: string;
  readonly datatype: 'BYTES';
  readonly shape: readonly number[];
  readonly texts: readonly string[];
}

export type OutputTensor = (WireTensor | TextTensor) & { readonly isBinary: boolean };

export interface OipAnswer {
  readonly model: string;
  readonly version: string;
  readonly id: string | undefined;
  readonly outputs: readonly OutputTensor[];
}

export interface EncodedAnswer {
  readonly body: Buffer;
  /** Of the JSON in front; undefined when nothing is behind it. */
  readonly jsonLength: number | undefined;
}

export function encodeAnswer({ model, version, id, outputs }: OipAnswer): EncodedAnswer {
  const binary: Uint8Array[] = [];
  const tensors = outputs.map((output) => {
    const { name, datatype, shape } = output;
    if (!output.isBinary) return { name, datatype, shape, data: numbersOf(output) };
    const bytes = bytesOf(output);
    binary.push(bytes);
    return { name, datatype, shape, parameters: { binary_data_size: bytes.byteLength } };
  });
  const answer = { model_name: model, model_version: version, ...(id !== undefined && { id }), outputs: tensors };
  const json = Buffer.from(JSON.stringify(answer));
  if (binary.length === 0) return { body: json, jsonLength: undefined };
  return { body: Buffer.concat([json, ...binary]), jsonLength: json.length };
}

export function floatTensor(name: string, shape: readonly number[], values: readonly number[]): WireTensor {
  return { name, datatype: 'FP32', shape, data: new Uint8Array(Float32Array.from(values).buffer) };
}

/** JSON knows neither 64-bit integers nor NaN; what does not fit is null, as `JSON.stringify` has it. */
function numbersOf(output: OutputTensor): Array<number | boolean | string> {
  if ('texts' in output) return [...output.texts];
  const isBool = output.datatype === 'BOOL';
  return Array.from(elementsOf(output) as ArrayLike<number>, (value) => (isBool ? value !== 0 : Number(value)));
}

function bytesOf(output: OutputTensor): Uint8Array {
  if (!('texts' in output)) return output.data;
  const parts = output.texts.flatMap((text) => {
    const bytes = Buffer.from(text);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    return [length, bytes];
  });
  return Buffer.concat(parts);
}
