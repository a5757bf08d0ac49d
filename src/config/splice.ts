/**
 * Changes one value in YAML text and leaves every other byte as it is. Writing the whole document anew would move comments, fold blank lines
 * and pad brackets. Each function answers undefined where the text is not written in a way it knows; the caller then falls back.
 */
import { Document, isCollection, isMap, isScalar, type Pair, visit, type YAMLMap } from 'yaml';
import { parseYaml } from './yaml-document.ts';

const INDENT = 2;

/** Sets the value at `path`, with the groups that lead to it. */
export function spliceIn(text: string, path: readonly string[], value: unknown): string | undefined {
  let map: unknown = parseYaml(text).document.contents;
  for (const [depth, key] of path.entries()) {
    if (!isMap(map)) return undefined;
    const pair = ownPair(map, key);
    const rest = path.slice(depth + 1);
    if (!pair) return insertPair(text, map, key, nest(rest, value));
    if (rest.length === 0) return replaceValue(text, map, pair, value);
    if (isEmptyGroup(pair.value)) return fillEmpty(text, map, pair, nest(rest, value));
    map = pair.value;
  }
  return undefined;
}

/** Removes the key at `path` with its value and the comments right above it. */
export function spliceOut(text: string, path: readonly string[]): string | undefined {
  let map: unknown = parseYaml(text).document.contents;
  for (const key of path.slice(0, -1)) map = isMap(map) ? ownPair(map, key)?.value : undefined;
  const pair = isMap(map) ? ownPair(map, path.at(-1) ?? '') : undefined;
  if (!isMap(map) || !pair) return undefined;
  return map.flow ? removeFromFlow(text, map, pair) : removeLines(text, pair);
}

function insertPair(text: string, map: YAMLMap, key: string, value: unknown): string | undefined {
  const last = map.items.at(-1);
  if (!last) return undefined;
  if (map.flow) return `${text.slice(0, endOf(last))}, ${flowPair(key, value)}${text.slice(endOf(last))}`;
  const column = columnOf(text, startOf(last));
  return column === undefined ? undefined : insertLines(text, endOfItem(text, last, column), block(key, value, column));
}

/** `cameras:` or `cameras: {}`: the first pair goes on the next line, before any comments there. */
function fillEmpty(text: string, map: YAMLMap, pair: Pair, value: Record<string, unknown>): string | undefined {
  const column = columnOf(text, startOf(pair));
  if (map.flow || column === undefined) return undefined;
  const colon = colonOf(text, pair);
  const bare = text.slice(0, colon + 1) + text.slice(isNothing(pair.value) ? colon + 1 : endOf(pair));
  const entries = Object.entries(value).map(([key, inner]) => block(key, inner, column + INDENT));
  return insertLines(bare, endOfLine(bare, colon), entries.join(''));
}

function replaceValue(text: string, map: YAMLMap, pair: Pair, value: unknown): string | undefined {
  const colon = colonOf(text, pair);
  const node = pair.value;
  if (!isScalar(node) && !isCollection(node)) return undefined;
  const [start, end] = node.range ?? [0, 0];
  const isBlock = isCollection(node) ? !node.flow : isScalar(node) && node.type?.startsWith('BLOCK');
  const written = inline(value, map.flow === true);
  if (isNothing(node)) return `${text.slice(0, colon + 1)} ${written}${text.slice(colon + 1)}`;
  if (isBlock) {
    const [lineBreak = ''] = /\r?\n$/.exec(text.slice(0, end)) ?? [];
    return `${text.slice(0, colon + 1)} ${written}${lineBreak}${text.slice(end)}`;
  }
  return text.slice(0, start) + written + text.slice(end);
}

function removeFromFlow(text: string, map: YAMLMap, pair: Pair): string {
  const index = map.items.indexOf(pair);
  const [before, after] = [map.items[index - 1], map.items[index + 1]];
  if (after) return text.slice(0, startOf(pair)) + text.slice(startOf(after));
  return text.slice(0, before ? endOf(before) : startOf(pair)) + text.slice(endOf(pair));
}

function removeLines(text: string, pair: Pair): string | undefined {
  const column = columnOf(text, startOf(pair));
  if (column === undefined) return undefined;
  let start = startOf(pair) - column;
  const comment = new RegExp(`(^|\\n)[ ]{${column}}#[^\\n]*\\n$`);
  for (let above = comment.exec(text.slice(0, start)); above; above = comment.exec(text.slice(0, start))) {
    start = above.index + (above[1]?.length ?? 0);
  }
  const [before, after] = [text.slice(0, start), text.slice(endOfItem(text, pair, column))];
  return before + (/(^|\n)\r?\n$/.test(before) ? after.replace(/^\r?\n/, '') : after);
}

/** `key:` and no more; the node then stands where the next thing does, perhaps behind a comment. */
const isNothing = (node: unknown) => isScalar(node) && node.value === null && !node.source;

const isEmptyGroup = (node: unknown) =>
  (isScalar(node) && node.value === null) || (isMap(node) && node.items.length === 0);

const ownPair = (map: YAMLMap, key: string) =>
  map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key);

/** Where the line after a pair begins; comments that are indented deeper than its key belong to it. */
function endOfItem(text: string, pair: Pair, column: number): number {
  let end = endOf(pair);
  if (text[end - 1] !== '\n') end = endOfLine(text, end);
  const comment = new RegExp(`[ ]{${column + 1},}#[^\\n]*(\\n|$)`, 'y');
  for (comment.lastIndex = end; comment.test(text); ) end = comment.lastIndex;
  return end;
}

const startOf = ({ key }: Pair) => (isScalar(key) ? (key.range?.[0] ?? 0) : 0);

const endOf = ({ key, value }: Pair) =>
  Math.max(...[key, value].map((node) => (isScalar(node) || isCollection(node) ? (node.range?.[1] ?? 0) : 0)));

const colonOf = (text: string, { key }: Pair) => text.indexOf(':', isScalar(key) ? key.range?.[1] : 0);

const endOfLine = (text: string, from: number) => {
  const lineBreak = text.indexOf('\n', from);
  return lineBreak < 0 ? text.length : lineBreak + 1;
};

/** How far a key is indented; undefined if something else stands before it on its line. */
function columnOf(text: string, offset: number): number | undefined {
  const before = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  return before.trim() === '' ? before.length : undefined;
}

function insertLines(text: string, offset: number, lines: string): string {
  const separate = offset > 0 && text[offset - 1] !== '\n' ? '\n' : '';
  const written = separate + lines;
  const ends = text.includes('\r\n') ? written.replaceAll('\n', '\r\n') : written;
  return text.slice(0, offset) + ends + text.slice(offset);
}

const nest = (path: readonly string[], value: unknown): Record<string, unknown> =>
  path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Record<string, unknown>;

/** `key: value` on lines of their own, indented by `column`; groups in block style, lists in brackets. */
export function block(key: string, value: unknown, column: number): string {
  const document = new Document({ [key]: value });
  visit(document, {
    Seq: (_, list) => {
      list.flow = true;
    },
  });
  return document
    .toString({ indent: INDENT, lineWidth: 0, flowCollectionPadding: false })
    .replace(/^(?=.)/gm, ' '.repeat(column));
}

const flowPair = (key: string, value: unknown) =>
  inline({ [key]: value }, true)
    .slice(1, -1)
    .trim();

/** A value on one line, as it may stand after a key, or inside brackets. */
function inline(value: unknown, inFlow: boolean): string {
  const document = new Document(inFlow ? [value] : value);
  visit(document, {
    Collection: (_, collection) => {
      collection.flow = true;
    },
  });
  const written = document.toString({ lineWidth: 0 }).trimEnd().replace(/\n\s*/g, ' ');
  return inFlow ? written.slice(1, -1).trim() : written;
}
