import { dataTypeCode, type Graph, type Port, type Tensor } from '../onnx/model.ts';
import type { TfGraph } from './graph.ts';
import { GraphBuilder } from './graph-builder.ts';
import { OPERATIONS } from './operations.ts';
import { unsupported } from './unsupported.ts';

export interface Conversion {
  readonly graph: TfGraph;
  readonly constants: ReadonlyMap<string, Tensor>;
  /** The picture: `node` is the placeholder in the TensorFlow graph, `port` what the ONNX model has in its place. */
  readonly input: { readonly node: string; readonly port: Port };
  /** `port.shape` replaces the shape that TensorFlow gives the node's result. */
  readonly output: { readonly node: string; readonly port: Port };
}

/** An ONNX graph that computes what the TensorFlow graph does. Throws ERR_MODEL_UNSUPPORTED for what has no rule. */
export function convertGraph({ graph, constants, input, output }: Conversion): Graph {
  const builder = new GraphBuilder(constants);
  const picture = builder.emit('Cast', [input.port.name], { to: dataTypeCode('float32') });
  builder.define(input.node, picture, 'last');
  for (const node of graph.nodes) {
    if (node.op === 'Const' || node.name === input.node) continue;
    const rule = OPERATIONS.get(node.op);
    if (!rule) throw unsupported(`TensorFlow operation ${node.op}`, node.name);
    rule(node, builder);
  }
  builder.nodes.push({
    op: 'Reshape',
    inputs: [builder.value(output.node, 'last'), builder.integerList(output.port.shape)],
    outputs: [output.port.name],
  });
  return {
    name: 'framegate',
    nodes: builder.nodes,
    initializers: builder.initializers,
    inputs: [input.port],
    outputs: [output.port],
  };
}
