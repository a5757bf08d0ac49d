/**
 * A TensorFlow.js graph model (`model.json` with `"format": "graph-model"`): nodes with decoded attributes.
 * The format is that of TensorFlow's GraphDef in JSON, strings in base64, integers as text.
 */
import { z } from 'zod';
import { FramegateError } from '../../lib/errors.ts';
import { unsupported } from './unsupported.ts';

const integerText = z.union([z.string(), z.number()]);

const attribute = z.looseObject({
  s: z.string().optional(),
  i: integerText.optional(),
  b: z.boolean().optional(),
  type: z.string().optional(),
  list: z.looseObject({ s: z.array(z.string()).optional(), i: z.array(integerText).optional() }).optional(),
});

const node = z.looseObject({
  name: z.string(),
  op: z.string(),
  input: z.array(z.string()).default([]),
  attr: z.record(z.string(), attribute).default({}),
});

const weight = z.looseObject({
  name: z.string(),
  shape: z.array(z.int().min(0)),
  dtype: z.string(),
  quantization: z.looseObject({ dtype: z.string() }).optional(),
});

const graphModel = z.looseObject({
  format: z.literal('graph-model'),
  modelTopology: z.looseObject({ node: z.array(node) }),
  weightsManifest: z.array(z.looseObject({ weights: z.array(weight) })),
});

export type TfNode = z.output<typeof node>;
export type WeightEntry = z.output<typeof weight>;

export interface TfGraph {
  /** In an order in which each node comes after its inputs. */
  readonly nodes: readonly TfNode[];
  /** In the order of the bytes in the weights file. */
  readonly weights: readonly WeightEntry[];
}

/** Throws ERR_MODEL_CORRUPT when `json` is no graph model; `file` is for the message. */
export function parseGraph(json: string, file: string): TfGraph {
  const parsed = graphModel.safeParse(parseJson(json, file));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw notAGraph(file, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}`);
  }
  return {
    nodes: parsed.data.modelTopology.node,
    weights: parsed.data.weightsManifest.flatMap((group) => group.weights),
  };
}

function parseJson(json: string, file: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw notAGraph(file, 'not JSON', error);
  }
}

function notAGraph(file: string, what: string, cause?: unknown): FramegateError {
  return new FramegateError('ERR_MODEL_CORRUPT', `${file} is no TensorFlow.js graph model (${what})`, {
    cause,
    hint: 'install the npm package that it belongs to again',
    retryable: false,
  });
}

/** The reference of an input: `node`, or `node:1` for a second output. */
export function inputOf(from: TfNode, index: number): string {
  const reference = from.input[index];
  if (reference === undefined) throw unsupported(`${from.op} without its input ${index}`, from.name);
  return reference;
}

export function textAttribute(from: TfNode, name: string): string {
  return decode(from.attr[name]?.s ?? '');
}

export function textsAttribute(from: TfNode, name: string): string[] {
  return (from.attr[name]?.list?.s ?? []).map(decode);
}

export function integerAttribute(from: TfNode, name: string): number {
  return Number(from.attr[name]?.i ?? 0);
}

export function integersAttribute(from: TfNode, name: string): number[] {
  return (from.attr[name]?.list?.i ?? []).map(Number);
}

export function flagAttribute(from: TfNode, name: string): boolean {
  return from.attr[name]?.b ?? false;
}

/** `DT_FLOAT`, `DT_INT32`, ... */
export function typeAttribute(from: TfNode, name: string): string {
  return from.attr[name]?.type ?? '';
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}
