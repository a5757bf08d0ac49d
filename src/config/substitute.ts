/**
 * Puts the values of `${…}` into the string scalars of a document, and learns on the way what must stay secret.
 */
import { type Node, type Scalar, visit } from 'yaml';
import { hasReferences, maskReferences, replaceReferences, showBraces } from './references.ts';
import { type SecretResolver, UNCLOSED } from './secrets.ts';
import { encodeCredentials, encodeSecret, findCredentials, findPath, passwordsIn } from './url-credentials.ts';
import type { Problem, YamlDocument } from './yaml-document.ts';
import { pathOf } from './yaml-path.ts';

export interface Substitution {
  /** References without a value. Their scalars hold a placeholder, so that nothing can be said of their values. */
  readonly missing: readonly Problem[];
  readonly malformed: readonly Problem[];
  readonly unresolved: ReadonlySet<Node>;
  /** What each substituted scalar was written as: values from outside are never shown. */
  readonly templates: ReadonlyMap<Node, string>;
  /** Values to keep out of logs: longest first, so that no part of one remains. */
  readonly secrets: readonly string[];
}

/** Shorter ones would tear holes into every text that happens to hold their letters. */
const SHORTEST_SECRET = 4;
const SECRET_KEY = /password|apikey|token|secret/i;

/** Changes the scalars of `yaml.document` under the top-level keys for which `wanted` is true. */
export function substitute(
  yaml: YamlDocument,
  resolve: SecretResolver,
  wanted: (section: string) => boolean,
): Substitution {
  const missing: Problem[] = [];
  const malformed: Problem[] = [];
  const unresolved = new Set<Node>();
  const templates = new Map<Node, string>();
  const secrets = new Set<string>();

  const fill = (node: Scalar, template: string, path: readonly PropertyKey[]) => {
    const { value, values, problems } = expand(template, resolve);
    templates.set(node, template);
    for (const { kind, text } of problems)
      (kind === 'missing' ? missing : malformed).push(yaml.problemAt(node, path, text));
    if (problems.length > 0) unresolved.add(node);
    for (const secret of values) secrets.add(secret);
    return value;
  };

  visit(yaml.document, {
    Scalar(key, node, ancestors) {
      if (typeof node.value !== 'string') return;
      node.value = showBraces(node.value);
      const path = pathOf(ancestors, node);
      if (key === 'key' || !wanted(String(path[0]))) return;
      const template = String(node.value);
      const value = hasReferences(template) ? fill(node, template, path) : template;
      node.value = encodeCredentials(value);
      for (const password of [...passwordsIn(value), ...passwordsIn(String(node.value))]) secrets.add(password);
      if (isSecretKey(path)) secrets.add(value);
    },
  });
  const kept = [...secrets].filter((secret) => secret.length >= SHORTEST_SECRET);
  return { missing, malformed, unresolved, templates, secrets: kept.sort((a, b) => b.length - a.length) };
}

/** True if values of this key are never shown. */
export const isSecretKey = (path: readonly PropertyKey[]): boolean => SECRET_KEY.test(String(path.at(-1)));

interface Expansion {
  readonly value: string;
  readonly values: readonly string[];
  readonly problems: ReadonlyArray<{ readonly kind: 'missing' | 'malformed'; readonly text: string }>;
}

function expand(template: string, resolve: SecretResolver): Expansion {
  const values: string[] = [];
  const problems: Array<Expansion['problems'][number]> = [];
  // References are opaque when looking for the credentials: the `/` of `${file:/path}` does not end them.
  const masked = maskReferences(template);
  const credentials = findCredentials(masked);
  const path = findPath(masked);
  const value = replaceReferences(template, (body, offset) => {
    const resolved = body === undefined ? UNCLOSED : resolve(body);
    if ('missing' in resolved) problems.push({ kind: 'missing', text: resolved.missing });
    else if ('malformed' in resolved) problems.push({ kind: 'malformed', text: resolved.malformed });
    if (!('value' in resolved)) return 'x';
    const inCredentials = credentials && offset >= credentials.start && offset < credentials.end;
    // An environment variable may hold a host name or a user name. What comes from a file is a secret, and so is what stands in the
    // credentials, the path or the query of a URL.
    const inPath = path !== undefined && offset >= path;
    if (inCredentials || inPath || resolved.kind === 'file') values.push(resolved.value);
    if (!inCredentials) return resolved.value;
    const encoded = encodeSecret(resolved.value, `\${${body}}` === template.slice(credentials.start, credentials.end));
    values.push(encoded);
    return encoded;
  });
  return { value, values, problems };
}
