/**
 * Convolutions and pooling: TensorFlow has the channels last, ONNX first.
 */
import type { Attribute, Tensor } from '../onnx/model.ts';
import { inputOf, integersAttribute, type TfNode, textAttribute, textsAttribute } from './graph.ts';
import type { GraphBuilder } from './graph-builder.ts';
import { permute } from './permute.ts';
import { unsupported } from './unsupported.ts';

/** `Conv2D` and `_FusedConv2D`: filter [height, width, in, out]. */
export function convolution(node: TfNode, graph: GraphBuilder): void {
  const filter = permute(graph.tensor(inputOf(node, 1)), [3, 2, 0, 1]);
  convolve(node, graph, filter, 1);
}

/** `DepthwiseConv2dNative` and `FusedDepthwiseConv2dNative`: filter [height, width, in, multiplier]. */
export function depthwiseConvolution(node: TfNode, graph: GraphBuilder): void {
  const { type, shape, data } = permute(graph.tensor(inputOf(node, 1)), [2, 3, 0, 1]);
  const [channels = 0, multiplier = 0, height = 0, width = 0] = shape;
  convolve(node, graph, { type, shape: [channels * multiplier, 1, height, width], data }, channels);
}

export function maxPool(node: TfNode, graph: GraphBuilder): void {
  const pooled = graph.emit('MaxPool', [graph.value(inputOf(node, 0), 'first')], {
    kernel_shape: spatial(integersAttribute(node, 'ksize')),
    ...window(node),
  });
  graph.define(node.name, pooled, 'first');
}

function convolve(node: TfNode, graph: GraphBuilder, filter: Tensor, group: number): void {
  const fused = textsAttribute(node, 'fused_ops').join(' + ');
  if (!['', 'BiasAdd', 'BiasAdd + Relu'].includes(fused)) throw unsupported(`${node.op} with ${fused}`, node.name);
  const inputs = [graph.value(inputOf(node, 0), 'first'), graph.constant(filter)];
  if (fused !== '') inputs.push(graph.value(inputOf(node, 2), 'last'));
  const result = graph.emit('Conv', inputs, {
    kernel_shape: filter.shape.slice(2),
    dilations: spatial(integersAttribute(node, 'dilations')),
    group,
    ...window(node),
  });
  graph.define(node.name, fused.endsWith('Relu') ? graph.emit('Relu', [result]) : result, 'first');
}

function window(node: TfNode): Record<string, Attribute> {
  const format = textAttribute(node, 'data_format');
  const padding = textAttribute(node, 'padding');
  if (format !== 'NHWC') throw unsupported(`${node.op} with data format ${format}`, node.name);
  if (padding !== 'SAME' && padding !== 'VALID') throw unsupported(`${node.op} with padding ${padding}`, node.name);
  // TensorFlow's SAME puts the odd pixel of padding at the end, which is ONNX's "upper".
  return {
    strides: spatial(integersAttribute(node, 'strides')),
    auto_pad: padding === 'SAME' ? 'SAME_UPPER' : 'VALID',
  };
}

/** Height and width of [batch, height, width, channels]. */
function spatial(values: readonly number[]): number[] {
  return values.slice(1, 3);
}
