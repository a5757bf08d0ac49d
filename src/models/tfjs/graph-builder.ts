import { type Attribute, dataTypeCode, type Node, type Tensor } from '../onnx/model.ts';
import { int64s } from '../onnx/tensor.ts';
import { unsupported } from './unsupported.ts';

/** Where the channels of a picture are: last as in TensorFlow (and for everything that is no picture), or first as ONNX wants them. */
export type Layout = 'last' | 'first';

type Attributes = Readonly<Record<string, Attribute>>;

const PERMUTATION = { first: [0, 3, 1, 2], last: [0, 2, 3, 1] } as const;

/**
 * The ONNX graph while it grows. TensorFlow values are known by their reference (`node`, or `node:1` for a second output). Each keeps the
 * layout in which it was made; a transposition is added only where somebody needs the other one, and only once.
 */
export class GraphBuilder {
  readonly nodes: Node[] = [];
  readonly initializers = new Map<string, Tensor>();
  readonly #constants: ReadonlyMap<string, Tensor>;
  readonly #values = new Map<string, Partial<Record<Layout, string>>>();
  readonly #counts = new Map<string, number>();

  constructor(constants: ReadonlyMap<string, Tensor>) {
    this.#constants = constants;
  }

  /** Adds a node with one output and returns the output's name. */
  emit(op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    const output = this.name(op);
    this.nodes.push({ op, inputs, outputs: [output], attributes });
    return output;
  }

  /** Adds a constant and returns its name. Half precision is cast to single, which the runtime does once, when it loads the model. */
  constant(tensor: Tensor): string {
    const name = this.name('Constant');
    this.initializers.set(name, tensor);
    return tensor.type === 'float16' ? this.emit('Cast', [name], { to: dataTypeCode('float32') }) : name;
  }

  integerList(values: readonly number[]): string {
    return this.constant(int64s(values));
  }

  /** A new name for a value. */
  name(base: string): string {
    const count = (this.#counts.get(base) ?? 0) + 1;
    this.#counts.set(base, count);
    return `${base}_${count}`;
  }

  /** Says which ONNX value a TensorFlow reference stands for. */
  define(reference: string, name: string, layout: Layout): void {
    this.#values.set(reference, { [layout]: name });
  }

  /** The ONNX value of a reference, in the layout that is asked for. */
  value(reference: string, layout: Layout): string {
    const value = this.#known(reference);
    const other = layout === 'first' ? value.last : value.first;
    const name = value[layout] ?? (other && this.emit('Transpose', [other], { perm: PERMUTATION[layout] }));
    if (name === undefined) throw unsupported('a reference to an unknown node', reference);
    value[layout] = name;
    return name;
  }

  /** True if the value exists with its channels first, so that using it like that costs nothing. */
  isChannelsFirst(reference: string): boolean {
    return this.#known(reference).first !== undefined;
  }

  /** True for a constant without axes: it means the same in every layout. */
  isScalar(reference: string): boolean {
    return this.#constants.get(reference)?.shape.length === 0;
  }

  /** A constant that has to be known while converting, such as a filter. */
  tensor(reference: string): Tensor {
    const tensor = this.#constants.get(reference);
    if (!tensor) throw unsupported('a filter, shape or axis that is computed', reference);
    return tensor;
  }

  /** A constant shape, axis or index. */
  integers(reference: string): number[] {
    const { type, data } = this.tensor(reference);
    if (type !== 'int64') throw unsupported(`a shape or axis of type ${type}`, reference);
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    return Array.from({ length: data.byteLength / 8 }, (_, index) => Number(view.getBigInt64(index * 8, true)));
  }

  #known(reference: string): Partial<Record<Layout, string>> {
    const known = this.#values.get(reference);
    if (known) return known;
    const tensor = this.#constants.get(reference);
    const value = tensor ? { last: this.constant(tensor) } : {};
    this.#values.set(reference, value);
    return value;
  }
}
