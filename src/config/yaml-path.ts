/**
 * From paths such as `cameras.front.url` to the nodes of a YAML document, and back.
 */
import { type Document, isAlias, isMap, isNode, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';

export type Path = readonly PropertyKey[];

export interface Location {
  /** The value at the path; where the path ends early, the last node on the way. */
  readonly node: Node | undefined;
  /** The key that leads to it. */
  readonly key: Node | undefined;
  /** Whether the whole path is there. */
  readonly found: boolean;
}

/** Follows `path` from the top of the document, through aliases and `<<` merges. */
export function locate(document: Document, path: Path): Location {
  let node = resolve(document.contents, document);
  let key: Node | undefined;
  for (const step of path) {
    const pair = isMap(node) ? pairOf(node, step, document) : undefined;
    const item = isSeq(node) && typeof step === 'number' ? node.items[step] : undefined;
    if (!pair && item === undefined) return { node, key, found: false };
    if (isNode(pair?.key)) key = pair.key;
    node = resolve(pair ? pair.value : item, document);
  }
  return { node, key, found: true };
}

/** The pair of `key` in a map; through its merges if it has none of its own. */
function pairOf(map: YAMLMap, key: PropertyKey, document: Document): Pair | undefined {
  const own = map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(key));
  if (own) return own;
  for (const merge of map.items.filter(isMerge)) {
    const source = resolve(merge.value, document);
    for (const item of isSeq(source) ? source.items : [source]) {
      const merged = resolve(item, document);
      const found = isMap(merged) && merged !== map ? pairOf(merged, key, document) : undefined;
      if (found) return found;
    }
  }
  return undefined;
}

export const isMerge = (pair: Pair): boolean => isScalar(pair.key) && pair.key.source === '<<';

/** The path of a node, given what `visit` of the yaml package says are its ancestors. */
export function pathOf(ancestors: readonly unknown[], node: unknown): PropertyKey[] {
  const chain = [...ancestors, node];
  return chain.flatMap((step, index): PropertyKey[] => {
    const within = chain[index - 1];
    if (isSeq(within)) return [within.items.indexOf(step)];
    return isKeyed(step) ? [String(step.key.value)] : [];
  });
}

const isKeyed = (value: unknown): value is { readonly key: { readonly value: unknown } } =>
  typeof value === 'object' && value !== null && 'key' in value && isScalar(value.key);

function resolve(value: unknown, document: Document): Node | undefined {
  if (isAlias(value)) return value.resolve(document) ?? value;
  return isNode(value) ? value : undefined;
}
