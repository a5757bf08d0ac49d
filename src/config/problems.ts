/**
 * What zod found wrong, as lines for a person: where, which key, what was expected and what was found.
 */
import type { z } from 'zod';
import { redactUrls } from '../lib/redact.ts';
import { type JsonSchema, schemasAt } from './json-schema.ts';
import { isSecretKey, type Substitution } from './substitute.ts';
import { nearest } from './suggest.ts';
import type { Problem, YamlDocument } from './yaml-document.ts';
import { locate, type Path } from './yaml-path.ts';

type Issue = z.core.$ZodIssue;

export interface Findings {
  readonly yaml: YamlDocument;
  readonly schema: JsonSchema;
  readonly substitution: Substitution;
  /** What the schema was applied to. */
  readonly value: unknown;
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a group of keys',
  record: 'a group of keys',
  array: 'a list',
  tuple: 'a list',
};

/** Words for the issues of zod that have no message of their own: for the `error` option of `safeParse`. */
export const issueMessage: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${EXPECTED[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `expected ${oneOf(issue.values.map(String))}`;
    case 'too_small':
      return bound(issue, issue.inclusive === false ? 'more than' : 'at least', issue.minimum);
    case 'too_big':
      return bound(issue, issue.inclusive === false ? 'less than' : 'at most', issue.maximum);
    default:
      return undefined;
  }
};

/** The first problem of each key. Nothing is said of values that could not be resolved. */
export function describeIssues(issues: readonly Issue[], findings: Findings): Problem[] {
  const problems = issues.flatMap((issue) => describe(issue, issue.path, findings));
  return problems.filter(({ path }, index) => problems.findIndex((other) => other.path === path) === index);
}

function describe(issue: Issue, path: Path, findings: Findings): Problem[] {
  const { yaml, substitution, value } = findings;
  const { node, key, found } = locate(yaml.document, path);
  if (node && substitution.unresolved.has(node)) return [];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((name) => unknownKey([...path, name], findings));
    case 'invalid_key':
      return issue.issues.slice(0, 1).map((inner) => yaml.problemAt(key, path, inner.message));
    case 'invalid_union':
      return nearestBranch(issue.errors).flatMap((inner) => describe(inner, [...path, ...inner.path], findings));
    default: {
      if (valueAt(value, path) === undefined) return [yaml.problemAt(key, path, missing(findings.schema, path))];
      const shown = found ? describeValue(findings, path) : undefined;
      return [yaml.problemAt(node, path, shown ? `${issue.message}, found ${shown}` : issue.message)];
    }
  }
}

/** `missing (RTSP URL of the stream that is watched)` */
function missing(schema: JsonSchema, path: Path): string {
  const meaning = schemasAt(schema, path)[0]?.description?.split(/\.(?: |$)/)[0];
  return meaning ? `missing (${meaning})` : 'missing';
}

function unknownKey(path: Path, { yaml, schema }: Findings): Problem {
  const name = String(path.at(-1));
  const groups = schemasAt(schema, path.slice(0, -1)).map((at) => at.properties ?? {});
  const known = groups.flatMap((properties) => Object.keys(properties));
  const below = groups.flatMap((properties) =>
    Object.entries(properties).flatMap(([group, inner]) =>
      Object.hasOwn(inner.properties ?? {}, name) ? [`${group}.${name}`] : [],
    ),
  );
  const meant = nearest(name, known) ?? below[0];
  const advice = meant ? `did you mean ${meant}?` : `known here are ${known.join(', ')}`;
  return yaml.problemAt(locate(yaml.document, path).key, path, `unknown key, ${advice}`);
}

/** The branch of a union that the writer most likely meant: the one whose problems lie deepest. */
function nearestBranch(branches: readonly Issue[][]): readonly Issue[] {
  const depth = (branch: readonly Issue[]) => Math.max(0, ...branch.map((issue) => issue.path.length));
  return [...branches].sort((a, b) => depth(b) - depth(a) || a.length - b.length)[0] ?? [];
}

function describeValue({ yaml, value, substitution }: Findings, path: Path): string | undefined {
  const { node } = locate(yaml.document, path);
  const template = node && substitution.templates.get(node);
  if (template !== undefined) return `what ${redactUrls(template)} stands for`;
  const found = valueAt(value, path);
  if (isSecretKey(path) && typeof found === 'string') return undefined;
  if (found === null) return 'nothing';
  if (typeof found === 'string') return JSON.stringify(shorten(redactUrls(found)));
  if (Array.isArray(found)) return found.length === 0 ? 'an empty list' : `a list of ${found.length}`;
  return typeof found === 'object' ? 'a group of keys' : String(found);
}

function bound(issue: { readonly origin: string }, words: string, limit: number | bigint): string {
  if (issue.origin === 'array') return `expected ${words} ${limit} in the list`;
  if (issue.origin === 'string') return limit === 1 ? 'must not be empty' : `expected ${words} ${limit} characters`;
  return `must be ${words} ${limit}`;
}

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined),
    value,
  );

const oneOf = (words: readonly string[]) =>
  words.length > 1 ? `${words.slice(0, -1).join(', ')} or ${words.at(-1)}` : words.join('');

const shorten = (text: string) => (text.length > 60 ? `${text.slice(0, 57)}...` : text);
