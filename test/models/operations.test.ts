import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, onTestFinished, test } from 'vitest';
import { encodeModel } from '../../src/models/onnx/model.ts';
import { convertGraph } from '../../src/models/tfjs/convert.ts';
import { parseGraph } from '../../src/models/tfjs/graph.ts';
import { readWeights } from '../../src/models/tfjs/weights.ts';
import { loadReference, runReference } from '../helpers/tfjs.ts';

const HEIGHT = 7;
const WIDTH = 10;

const picture = Uint8Array.from({ length: HEIGHT * WIDTH * 3 }, (_, i) => (i * 89) % 256);

interface TestNode {
  readonly name: string;
  readonly op: string;
  readonly input: readonly string[];
  readonly attr?: Record<string, unknown>;
}

/** A graph of TensorFlow.js with one input `images` [1, 7, 10, 3]; its last node is the output. */
class TestGraph {
  readonly #nodes: object[] = [
    {
      name: 'images',
      op: 'Placeholder',
      attr: {
        dtype: { type: 'DT_FLOAT' },
        shape: { shape: { dim: [1, HEIGHT, WIDTH, 3].map((size) => ({ size: `${size}` })) } },
      },
    },
  ];
  readonly #weights: Array<{ entry: object; data: Buffer }> = [];
  output = 'images';

  node({ name, op, input, attr }: TestNode): this {
    this.#nodes.push({ name, op, input, attr: { T: { type: 'DT_FLOAT' }, ...attr } });
    this.output = name;
    return this;
  }

  floats(name: string, shape: readonly number[]): this {
    const count = shape.reduce((product, size) => product * size, 1);
    const values = Float32Array.from({ length: count }, (_, i) => ((i * 37) % 19) / 10 - 0.9);
    return this.#constant(name, 'float32', shape, Buffer.from(values.buffer));
  }

  integers(name: string, values: readonly number[], shape: readonly number[] = [values.length]): this {
    return this.#constant(name, 'int32', shape, Buffer.from(Int32Array.from(values).buffer));
  }

  #constant(name: string, dtype: 'float32' | 'int32', shape: readonly number[], data: Buffer): this {
    this.#nodes.push({ name, op: 'Const', attr: { dtype: { type: dtype === 'int32' ? 'DT_INT32' : 'DT_FLOAT' } } });
    this.#weights.push({ entry: { name, dtype, shape }, data });
    return this;
  }

  get json(): string {
    return JSON.stringify({
      format: 'graph-model',
      modelTopology: { node: this.#nodes, versions: {}, library: {} },
      weightsManifest: [{ paths: [], weights: this.#weights.map(({ entry }) => entry) }],
    });
  }

  get weights(): Buffer {
    return Buffer.concat(this.#weights.map(({ data }) => data));
  }
}

function convert(from: TestGraph, shape: readonly number[]) {
  const graph = parseGraph(from.json, 'model.json');
  return convertGraph({
    graph,
    constants: readWeights(graph.weights, from.weights),
    input: { node: 'images', port: { name: 'images', type: 'uint8', shape: [1, HEIGHT, WIDTH, 3] } },
    output: { node: from.output, port: { name: 'result', type: 'float32', shape } },
  });
}

async function expectSameAsTensorFlow(from: TestGraph, shape: readonly number[]): Promise<void> {
  const session = await InferenceSession.create(encodeModel(convert(from, shape)), { intraOpNumThreads: 1 });
  onTestFinished(() => session.release());
  const { result } = await session.run({ images: new Tensor('uint8', picture, [1, HEIGHT, WIDTH, 3]) });
  const model = await loadReference(from.json, from.weights);
  const expected = await runReference(model, picture, [1, HEIGHT, WIDTH, 3], from.output);
  const actual = [...(result!.data as Float32Array)];
  expect(new Set(expected).size).toBeGreaterThan(1);
  expect(actual).toEqual(expected.map((value) => expect.closeTo(value, 2)));
}

const text = (value: string) => ({ s: Buffer.from(value).toString('base64') });
const texts = (...values: string[]) => ({ list: { s: values.map((value) => text(value).s) } });
const list = (...values: number[]) => ({ list: { i: values.map(String) } });
const window = (padding: string, stride: number) => ({
  padding: text(padding),
  strides: list(1, stride, stride, 1),
  dilations: list(1, 1, 1, 1),
  data_format: text('NHWC'),
});

test.each([
  ['SAME', 1, [1, 7, 10, 4]],
  ['SAME', 2, [1, 4, 5, 4]],
  ['VALID', 2, [1, 3, 4, 4]],
])('a convolution with padding %s and stride %d', async (padding, stride, shape) => {
  const graph = new TestGraph()
    .floats('filter', [3, 3, 3, 4])
    .node({ name: 'conv', op: 'Conv2D', input: ['images', 'filter'], attr: window(padding, stride) });
  await expectSameAsTensorFlow(graph, shape);
});

test('a fused convolution adds its bias, then cuts off what is negative', async () => {
  const attr = { ...window('SAME', 2), fused_ops: texts('BiasAdd', 'Relu'), num_args: { i: '1' } };
  const graph = new TestGraph()
    .floats('filter', [3, 3, 3, 4])
    .floats('bias', [4])
    .node({ name: 'conv', op: '_FusedConv2D', input: ['images', 'filter', 'bias'], attr });
  await expectSameAsTensorFlow(graph, [1, 4, 5, 4]);
});

test('a depthwise convolution with several filters per channel', async () => {
  const graph = new TestGraph()
    .floats('filter', [3, 3, 3, 2])
    .node({ name: 'conv', op: 'DepthwiseConv2dNative', input: ['images', 'filter'], attr: window('SAME', 2) });
  await expectSameAsTensorFlow(graph, [1, 4, 5, 6]);
});

test('values with their channels first and last meet in one sum, product and concatenation', async () => {
  const graph = new TestGraph()
    .floats('filter', [1, 1, 3, 3])
    .floats('perChannel', [1, 1, 1, 3])
    .floats('factor', [])
    .integers('axis', [-1], [])
    .node({ name: 'conv', op: 'Conv2D', input: ['images', 'filter'], attr: window('SAME', 1) })
    .node({ name: 'halved', op: 'Mul', input: ['factor', 'conv'] })
    .node({ name: 'squared', op: 'Mul', input: ['factor', 'factor'] })
    .node({ name: 'weighted', op: 'Mul', input: ['halved', 'perChannel'] })
    .node({ name: 'scaled', op: 'Mul', input: ['weighted', 'squared'] })
    .node({ name: 'first', op: 'ConcatV2', input: ['conv', 'halved', 'axis'] })
    .node({ name: 'mixed', op: 'ConcatV2', input: ['first', 'scaled', 'axis'] });
  await expectSameAsTensorFlow(graph, [1, 7, 10, 9]);
});

test.each([
  [[1, 2], true, [1, 1, 1, 4]],
  [[1], true, [1, 1, 10, 4]],
  [[-1], true, [1, 7, 10, 1]],
  [[1, 2], false, [1, 4]],
])('the mean over the axes %j, keeping them: %s', async (axes, keep, shape) => {
  const graph = new TestGraph()
    .floats('filter', [1, 1, 3, 4])
    .integers('axes', axes)
    .node({ name: 'conv', op: 'Conv2D', input: ['images', 'filter'], attr: window('SAME', 1) })
    .node({ name: 'mean', op: 'Mean', input: ['conv', 'axes'], attr: { keep_dims: { b: keep } } });
  await expectSameAsTensorFlow(graph, shape);
});

test('bilinear resizing by fractions', async () => {
  const graph = new TestGraph()
    .integers('size', [16, 13])
    .node({ name: 'resize', op: 'ResizeBilinear', input: ['images', 'size'] });
  await expectSameAsTensorFlow(graph, [1, 16, 13, 3]);
});

test('pooling where the window does not fit evenly', async () => {
  const attr = { ...window('SAME', 2), ksize: list(1, 3, 3, 1) };
  const graph = new TestGraph().node({ name: 'pool', op: 'MaxPool', input: ['images'], attr });
  await expectSameAsTensorFlow(graph, [1, 4, 5, 3]);
});

test('the indices of the best values, divided with negative results', async () => {
  const integer = { T: { type: 'DT_INT32' } };
  const graph = new TestGraph()
    .integers('flat', [1, -1])
    .integers('k', [20], [])
    .integers('seven', [7], [])
    .integers('hundred', [100], [])
    .node({ name: 'reshape', op: 'Reshape', input: ['images', 'flat'] })
    .node({ name: 'top', op: 'TopKV2', input: ['reshape', 'k'], attr: { sorted: { b: true } } })
    .node({ name: 'shifted', op: 'Sub', input: ['top:1', 'hundred'], attr: integer })
    .node({ name: 'quotient', op: 'FloorDiv', input: ['shifted', 'seven'], attr: integer })
    .node({ name: 'remainder', op: 'FloorMod', input: ['shifted', 'seven'], attr: integer })
    .node({ name: 'product', op: 'Mul', input: ['quotient', 'hundred'], attr: integer })
    .node({ name: 'sum', op: 'Add', input: ['product', 'remainder'], attr: integer })
    .node({
      name: 'cast',
      op: 'Cast',
      input: ['sum'],
      attr: { SrcT: { type: 'DT_INT32' }, DstT: { type: 'DT_FLOAT' } },
    });
  await expectSameAsTensorFlow(graph, [1, 20]);
});

test('a slice with open ends', async () => {
  const attr = { Index: { type: 'DT_INT32' }, begin_mask: { i: '3' }, end_mask: { i: '5' } };
  const graph = new TestGraph()
    .integers('begin', [9, 9, 2, 1])
    .integers('end', [0, 6, 0, 3])
    .integers('steps', [1, 2, 3, 1])
    .node({ name: 'slice', op: 'StridedSlice', input: ['images', 'begin', 'end', 'steps'], attr });
  await expectSameAsTensorFlow(graph, [1, 3, 3, 2]);
});

test.each<[string, TestNode, string]>([
  [
    'an operation without a rule',
    { name: 'n', op: 'Softplus', input: ['images'] },
    'TensorFlow operation Softplus (in n)',
  ],
  [
    'explicit padding',
    { name: 'n', op: 'Conv2D', input: ['images', 'filter'], attr: window('EXPLICIT', 1) },
    'padding EXPLICIT',
  ],
  [
    'an unknown fused activation',
    {
      name: 'n',
      op: '_FusedConv2D',
      input: ['images', 'filter', 'bias'],
      attr: { ...window('SAME', 1), fused_ops: texts('BiasAdd', 'Elu') },
    },
    '_FusedConv2D with BiasAdd + Elu',
  ],
  ['a computed filter', { name: 'n', op: 'Conv2D', input: ['images', 'images'], attr: window('SAME', 1) }, 'a filter'],
  ['a division of fractions', { name: 'n', op: 'FloorDiv', input: ['images', 'bias'] }, 'FloorDiv of DT_FLOAT'],
  ['a reference to nothing', { name: 'n', op: 'Relu', input: ['nowhere'] }, 'unknown node (in nowhere)'],
])('%s is refused by name', (_, node, expected) => {
  const graph = new TestGraph().floats('filter', [3, 3, 3, 4]).floats('bias', [4]).node(node);
  expect(() => convert(graph, [1])).toThrowError(
    expect.objectContaining({ code: 'ERR_MODEL_UNSUPPORTED', message: expect.stringContaining(expected) }),
  );
});

test('weights that do not have the size of their list are refused', () => {
  const graph = new TestGraph().floats('filter', [3, 3, 3, 4]);
  const { weights } = parseGraph(graph.json, 'model.json');
  expect(() => readWeights(weights, graph.weights.subarray(4))).toThrowError(
    expect.objectContaining({ code: 'ERR_MODEL_CORRUPT', message: 'the weights have 428 bytes instead of 432' }),
  );
});
