/**
 * An ONNX model in memory and as a file. Field numbers and data types are those of onnx.proto3
 * (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3); only what our graphs use is here.
 */
import { bytesField, floatField, integerField, messageField, stringField } from './protobuf.ts';

/** Both readable by ONNX Runtime since 1.12. */
const IR_VERSION = 8;
const OPSET_VERSION = 17;

const DATA_TYPES = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9, float16: 10 } as const;

export type DataType = keyof typeof DATA_TYPES;

/** The number that ONNX gives a data type, for the attributes of `Cast`. */
export function dataTypeCode(type: DataType): number {
  return DATA_TYPES[type];
}

/** A constant. `data` holds the elements row by row, little endian. */
export interface Tensor {
  readonly type: DataType;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/** A number stays an integer unless it is wrapped as `{ float }`: ONNX tells the two apart, JavaScript does not. */
export type Attribute = number | string | readonly number[] | { readonly float: number } | Tensor;

export interface Node {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

/** A named input or output of the graph. */
export interface Port {
  readonly name: string;
  readonly type: DataType;
  readonly shape: readonly number[];
}

export interface Graph {
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly initializers: ReadonlyMap<string, Tensor>;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

/** The bytes of a `.onnx` file. The same graph gives the same bytes. */
export function encodeModel(graph: Graph): Buffer {
  return Buffer.concat([
    integerField(1, IR_VERSION),
    stringField(2, 'framegate'),
    messageField(7, ...encodeGraph(graph)),
    messageField(8, stringField(1, ''), integerField(2, OPSET_VERSION)),
  ]);
}

function encodeGraph(graph: Graph): Buffer[] {
  return [
    ...graph.nodes.map((node) => messageField(1, ...encodeNode(node))),
    stringField(2, graph.name),
    ...[...graph.initializers].map(([name, tensor]) => messageField(5, ...encodeTensor(tensor), stringField(8, name))),
    ...graph.inputs.map((port) => messageField(11, ...encodePort(port))),
    ...graph.outputs.map((port) => messageField(12, ...encodePort(port))),
  ];
}

function encodeNode(node: Node): Buffer[] {
  return [
    ...node.inputs.map((name) => stringField(1, name)),
    ...node.outputs.map((name) => stringField(2, name)),
    stringField(4, node.op),
    ...Object.entries(node.attributes ?? {}).map(([name, value]) =>
      messageField(5, stringField(1, name), ...encodeAttribute(value)),
    ),
  ];
}

function encodeAttribute(value: Attribute): Buffer[] {
  if (typeof value === 'number') return [integerField(3, value), integerField(20, 2)];
  if (typeof value === 'string') return [stringField(4, value), integerField(20, 3)];
  if ('float' in value) return [floatField(2, value.float), integerField(20, 1)];
  if ('data' in value) return [messageField(5, ...encodeTensor(value)), integerField(20, 4)];
  return [...value.map((item) => integerField(8, item)), integerField(20, 7)];
}

function encodeTensor(tensor: Tensor): Buffer[] {
  return [
    ...tensor.shape.map((size) => integerField(1, size)),
    integerField(2, DATA_TYPES[tensor.type]),
    bytesField(9, tensor.data),
  ];
}

function encodePort(port: Port): Buffer[] {
  const shape = messageField(2, ...port.shape.map((size) => messageField(1, integerField(1, size))));
  return [stringField(1, port.name), messageField(2, messageField(1, integerField(1, DATA_TYPES[port.type]), shape))];
}
