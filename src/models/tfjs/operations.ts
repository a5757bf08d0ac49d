/**
 * What each TensorFlow operation becomes in ONNX. An operation that is not in the table is refused, and so is one that is used in a way
 * that its rule does not know.
 */
import { dataTypeCode } from '../onnx/model.ts';
import { floats } from '../onnx/tensor.ts';
import { convolution, depthwiseConvolution, maxPool } from './convolution.ts';
import { flagAttribute, inputOf, integerAttribute, type TfNode, typeAttribute } from './graph.ts';
import type { GraphBuilder } from './graph-builder.ts';
import { unsupported } from './unsupported.ts';

type Rule = (node: TfNode, graph: GraphBuilder) => void;

export const OPERATIONS: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['Add', elementwise('Add')],
  ['Cast', cast],
  ['ConcatV2', concat],
  ['Conv2D', convolution],
  ['DepthwiseConv2dNative', depthwiseConvolution],
  ['Equal', elementwise('Equal')],
  ['ExpandDims', expandDims],
  ['FloorDiv', floorDiv],
  ['FloorMod', floorMod],
  ['FusedDepthwiseConv2dNative', depthwiseConvolution],
  ['GatherV2', gather],
  ['Identity', elementwise('Identity')],
  ['MaxPool', maxPool],
  ['Mean', mean],
  ['Mul', elementwise('Mul')],
  ['Relu', elementwise('Relu')],
  ['Relu6', relu6],
  ['Reshape', reshape],
  ['ResizeBilinear', resizeBilinear],
  ['Sigmoid', elementwise('Sigmoid')],
  ['StridedSlice', stridedSlice],
  ['Sub', elementwise('Sub')],
  ['TopKV2', topK],
  ['_FusedConv2D', convolution],
]);

/** The same thing for each element, so the layout does not matter as long as all inputs have the same. */
function elementwise(op: string): Rule {
  return (node, graph) => {
    const pictures = node.input.filter((ref) => !graph.isScalar(ref));
    const first = pictures.length > 0 && pictures.every((ref) => graph.isChannelsFirst(ref));
    const inputs = node.input.map((ref) => graph.value(ref, first && !graph.isScalar(ref) ? 'first' : 'last'));
    graph.define(node.name, graph.emit(op, inputs), first ? 'first' : 'last');
  };
}

function relu6(node: TfNode, graph: GraphBuilder): void {
  const layout = graph.isChannelsFirst(inputOf(node, 0)) ? 'first' : 'last';
  const limits = [graph.constant(floats([0], [])), graph.constant(floats([6], []))];
  graph.define(node.name, graph.emit('Clip', [graph.value(inputOf(node, 0), layout), ...limits]), layout);
}

function cast(node: TfNode, graph: GraphBuilder): void {
  const to = typeAttribute(node, 'DstT');
  if (to !== 'DT_FLOAT') throw unsupported(`Cast to ${to}`, node.name);
  const layout = graph.isChannelsFirst(inputOf(node, 0)) ? 'first' : 'last';
  const result = graph.emit('Cast', [graph.value(inputOf(node, 0), layout)], { to: dataTypeCode('float32') });
  graph.define(node.name, result, layout);
}

function concat(node: TfNode, graph: GraphBuilder): void {
  const parts = node.input.slice(0, -1);
  const [axis = 0] = graph.integers(inputOf(node, node.input.length - 1));
  const first = parts.every((ref) => graph.isChannelsFirst(ref));
  const inputs = parts.map((ref) => graph.value(ref, first ? 'first' : 'last'));
  const result = graph.emit('Concat', inputs, { axis: first ? channelsFirstAxis(axis) : axis });
  graph.define(node.name, result, first ? 'first' : 'last');
}

function mean(node: TfNode, graph: GraphBuilder): void {
  const axes = graph.integers(inputOf(node, 1));
  const keepdims = flagAttribute(node, 'keep_dims');
  const first = keepdims && graph.isChannelsFirst(inputOf(node, 0));
  const result = graph.emit('ReduceMean', [graph.value(inputOf(node, 0), first ? 'first' : 'last')], {
    axes: first ? axes.map(channelsFirstAxis) : axes,
    keepdims: keepdims ? 1 : 0,
  });
  graph.define(node.name, result, first ? 'first' : 'last');
}

/** Axis of [batch, height, width, channels] in [batch, channels, height, width]. */
function channelsFirstAxis(axis: number): number {
  return [0, 2, 3, 1].at(axis) ?? axis;
}

function resizeBilinear(node: TfNode, graph: GraphBuilder): void {
  if (flagAttribute(node, 'align_corners') || flagAttribute(node, 'half_pixel_centers')) {
    throw unsupported('ResizeBilinear with aligned corners or half pixel centres', node.name);
  }
  const picture = graph.value(inputOf(node, 0), 'first');
  const batchAndChannels = graph.emit('Shape', [picture], { start: 0, end: 2 });
  const heightAndWidth = graph.integerList(graph.integers(inputOf(node, 1)));
  const size = graph.emit('Concat', [batchAndChannels, heightAndWidth], { axis: 0 });
  const result = graph.emit('Resize', [picture, '', '', size], {
    coordinate_transformation_mode: 'asymmetric',
    mode: 'linear',
  });
  graph.define(node.name, result, 'first');
}

function reshape(node: TfNode, graph: GraphBuilder): void {
  const shape = graph.integerList(graph.integers(inputOf(node, 1)));
  graph.define(node.name, graph.emit('Reshape', [graph.value(inputOf(node, 0), 'last'), shape]), 'last');
}

function expandDims(node: TfNode, graph: GraphBuilder): void {
  const axes = graph.integerList(graph.integers(inputOf(node, 1)));
  graph.define(node.name, graph.emit('Unsqueeze', [graph.value(inputOf(node, 0), 'last'), axes]), 'last');
}

function gather(node: TfNode, graph: GraphBuilder): void {
  if (integerAttribute(node, 'batch_dims') !== 0) throw unsupported('GatherV2 with batch dimensions', node.name);
  const [axis = 0] = graph.integers(inputOf(node, 2));
  const inputs = [graph.value(inputOf(node, 0), 'last'), graph.value(inputOf(node, 1), 'last')];
  graph.define(node.name, graph.emit('Gather', inputs, { axis }), 'last');
}

function stridedSlice(node: TfNode, graph: GraphBuilder): void {
  const masks = ['ellipsis_mask', 'new_axis_mask', 'shrink_axis_mask'].filter(
    (name) => integerAttribute(node, name) !== 0,
  );
  const steps = graph.integers(inputOf(node, 3));
  if (masks.length > 0) throw unsupported(`StridedSlice with ${masks.join(', ')}`, node.name);
  if (steps.some((step) => step < 0)) throw unsupported('StridedSlice that goes backwards', node.name);
  const open = (mask: string, axis: number) => ((integerAttribute(node, mask) >> axis) & 1) === 1;
  const starts = graph.integers(inputOf(node, 1)).map((start, axis) => (open('begin_mask', axis) ? 0 : start));
  const ends = graph.integers(inputOf(node, 2)).map((end, axis) => (open('end_mask', axis) ? 2 ** 31 - 1 : end));
  const result = graph.emit('Slice', [
    graph.value(inputOf(node, 0), 'last'),
    graph.integerList(starts),
    graph.integerList(ends),
    graph.integerList(steps.map((_, axis) => axis)),
    graph.integerList(steps),
  ]);
  graph.define(node.name, result, 'last');
}

function topK(node: TfNode, graph: GraphBuilder): void {
  const [k = 0] = graph.integers(inputOf(node, 1));
  const inputs = [graph.value(inputOf(node, 0), 'last'), graph.integerList([k])];
  const values = graph.name('TopK');
  const indices = graph.name('TopK');
  graph.nodes.push({ op: 'TopK', inputs, outputs: [values, indices] });
  graph.define(node.name, values, 'last');
  graph.define(`${node.name}:1`, indices, 'last');
}

/** Rounds towards minus infinity, where ONNX's Div of integers rounds towards zero: (a - a mod b) / b. */
function floorDiv(node: TfNode, graph: GraphBuilder): void {
  const [a, b] = integerOperands(node, graph);
  const rest = graph.emit('Mod', [a, b]);
  graph.define(node.name, graph.emit('Div', [graph.emit('Sub', [a, rest]), b]), 'last');
}

/** The sign of the divisor, as ONNX's Mod has it for integers. */
function floorMod(node: TfNode, graph: GraphBuilder): void {
  graph.define(node.name, graph.emit('Mod', integerOperands(node, graph)), 'last');
}

function integerOperands(node: TfNode, graph: GraphBuilder): [string, string] {
  const type = typeAttribute(node, 'T');
  if (type !== 'DT_INT32') throw unsupported(`${node.op} of ${type}`, node.name);
  return [graph.value(inputOf(node, 0), 'last'), graph.value(inputOf(node, 1), 'last')];
}
