/**
 * YAML text to a document whose nodes know where they stand.
 */
import { type Document, isScalar, LineCounter, type Node, Parser, parseDocument, visit } from 'yaml';
import { hideBraces, showBraces } from './references.ts';
import { type Path, pathOf } from './yaml-path.ts';

/** Something wrong with a config file, and where. Lines and columns count from 1. */
export interface Problem {
  readonly line: number;
  readonly column: number;
  /** Dotted path of the key; empty where the text is not even YAML. */
  readonly path: string;
  readonly message: string;
}

export interface YamlDocument {
  /** The braces of its `${…}` are hidden, see `references.ts`. Of use only if there are no problems. */
  readonly document: Document;
  readonly problems: readonly Problem[];
  /** A problem at a node; at the top of the file without one. */
  problemAt(node: Node | undefined, path: Path, message: string): Problem;
}

/** A config nests about ten deep. `yaml` recurses, and some thousand levels end the process instead of throwing. */
const MAX_DEPTH = 64;
const MAX_ALIASES = 1000;

const FRIENDLIER: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'tabs cannot indent: use spaces',
  MULTIPLE_DOCS: 'a second document begins here: a config is one document',
  BLOCK_AS_IMPLICIT_KEY: 'a second key on one line or a wrong indent; a value with ": " in it needs quotes',
  TAG_RESOLVE_FAILED: 'unknown tag: a value that starts with ! needs quotes',
};

export function parseYaml(text: string): YamlDocument {
  const lines = new LineCounter();
  const at = (offset: number, path: Path, message: string): Problem => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col, path: path.join('.'), message };
  };
  const problemAt = (node: Node | undefined, path: Path, message: string) => at(node?.range?.[0] ?? 0, path, message);
  const hidden = hideBraces(text);
  const outrageous = findOutrage([...new Parser(lines.addNewLine).parse(hidden)]);
  const document = parseDocument(outrageous ? '' : hidden, { merge: true, uniqueKeys: false, prettyErrors: false });
  if (outrageous) return { document, problems: [at(outrageous.offset, [], outrageous.message)], problemAt };
  // Only the first error: the others are mostly its echo.
  const first = document.errors[0] ?? document.warnings[0];
  const problems = first
    ? [at(first.pos[0], [], FRIENDLIER[first.code] ?? showBraces(lowerFirst(first.message)))]
    : inconsistencies(document, problemAt);
  return { document, problems, problemAt };
}

/** Duplicate keys, and aliases of nothing. */
function inconsistencies(document: Document, problemAt: YamlDocument['problemAt']): Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Map(_, map, ancestors) {
      const seen = new Map<string, Problem>();
      for (const { key } of map.items) {
        if (!isScalar(key) || key.source === '<<') continue;
        const name = String(key.value);
        const here = problemAt(key, [...pathOf(ancestors, map), name], '');
        const earlier = seen.get(name);
        if (earlier) problems.push({ ...here, message: `duplicate key, already on line ${earlier.line}` });
        else seen.set(name, here);
      }
    },
    Alias(_, alias, ancestors) {
      if (alias.resolve(document)) return;
      const message = `*${alias.source} names nothing: there is no &${alias.source} above it`;
      problems.push(problemAt(alias, pathOf(ancestors, alias), message));
    },
  });
  return problems;
}

interface Token {
  readonly type?: string;
  readonly offset?: number;
  readonly value?: unknown;
  readonly items?: ReadonlyArray<{ readonly key?: unknown; readonly value?: unknown }>;
}

/** What would cost the parser minutes, or the process its life. Found in a loop, because recursion is what must be avoided. */
function findOutrage(tokens: readonly unknown[]): { readonly offset: number; readonly message: string } | undefined {
  const open = tokens.map((token) => ({ token: token as Token, depth: 0 }));
  let aliases = 0;
  for (let next = open.pop(); next; next = open.pop()) {
    const { token, depth } = next;
    if (token.type === 'alias') aliases += 1;
    const offset = token.offset ?? 0;
    if (depth > MAX_DEPTH) return { offset, message: `nested more than ${MAX_DEPTH} levels deep` };
    if (aliases > MAX_ALIASES) return { offset, message: `more than ${MAX_ALIASES} aliases` };
    for (const child of [token.value, ...(token.items ?? []).flatMap((item) => [item.key, item.value])]) {
      if (typeof child === 'object' && child !== null) open.push({ token: child as Token, depth: depth + 1 });
    }
  }
  return undefined;
}

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
