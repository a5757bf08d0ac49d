/**
 * A config file, read, filled in and checked.
 */
import { dirname, relative, resolve } from 'node:path';
import { type Document, isMap, isScalar, type Node, visit } from 'yaml';
import { z } from 'zod';
import { describeError, FramegateError } from '../lib/errors.ts';
import { configJsonSchema, type JsonSchema, schemasAt } from './json-schema.ts';
import { describeIssues, issueMessage } from './problems.ts';
import { readConfigText } from './read-text.ts';
import { type Config, gatewayConfig } from './schema.ts';
import { type SecretResolver, secretResolver } from './secrets.ts';
import { substitute } from './substitute.ts';
import { type Problem, parseYaml, type YamlDocument } from './yaml-document.ts';
import { pathOf } from './yaml-path.ts';

export interface LoadedConfig<T = Config> {
  /** Absolute path. */
  readonly file: string;
  readonly config: T;
  /** Values that must not appear in anything a person or another program reads; for `redact`. */
  readonly secrets: readonly string[];
}

/** The sections `framegate serve` lives on; it needs neither a broker nor the passwords of cameras. */
const SERVE_SECTIONS = ['dataDir', 'log', 'serve'] as const;

export type ServeFileConfig = Pick<Config, (typeof SERVE_SECTIONS)[number]>;

/**
 * Reads and checks the config of a gateway. Throws ERR_CONFIG_MISSING, ERR_SECRET_MISSING, or ERR_CONFIG_INVALID whose message has one line
 * per problem: `framegate.yaml:12:5 cameras.front.motion.treshold: unknown key, did you mean threshold?`
 */
export async function loadConfig(file: string, env: NodeJS.ProcessEnv = process.env): Promise<LoadedConfig> {
  return load(file, env, gatewayConfig, () => true);
}

/** As `loadConfig`, but looks only at what the inference microservice needs. */
export async function loadServeConfig(
  file: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<LoadedConfig<ServeFileConfig>> {
  const sections: readonly string[] = SERVE_SECTIONS;
  return load(file, env, serveFileConfig(), (section) => sections.includes(section));
}

/** As `loadConfig`, but gives only where the gateway listens: commands that ask it need no secrets. */
export async function loadHttpConfig(file: string, env: NodeJS.ProcessEnv = process.env): Promise<Config['http']> {
  const { config } = await load(file, env, httpFileConfig(), (section) => section === 'http');
  return config.http;
}

/** What `loadServeConfig` makes of a file that sets nothing. */
export function defaultServeConfig(): ServeFileConfig {
  return serveFileConfig().parse({});
}

/** The schema of the file, in which the sections of others are known but not looked into. */
function serveFileConfig(): z.ZodType<ServeFileConfig> {
  const { dataDir, log, serve } = gatewayConfig.shape;
  return z.strictObject({ ...ignored(), dataDir, log, serve }) as unknown as z.ZodType<ServeFileConfig>;
}

function httpFileConfig(): z.ZodType<Pick<Config, 'http'>> {
  const { http } = gatewayConfig.shape;
  return z.strictObject({ ...ignored(), http }) as unknown as z.ZodType<Pick<Config, 'http'>>;
}

const ignored = () =>
  Object.fromEntries(Object.keys(gatewayConfig.shape).map((section) => [section, z.unknown().optional()]));

async function load<T>(
  file: string,
  env: NodeJS.ProcessEnv,
  schema: z.ZodType<T>,
  wanted: (section: string) => boolean,
): Promise<LoadedConfig<T>> {
  const text = await readConfigText(file);
  const checked = checkConfig(text, schema, secretResolver(env, dirname(resolve(file))), wanted);
  const problems = [...checked.problems, ...checked.missing];
  if (problems.length === 0) return { file: resolve(file), config: checked.config as T, secrets: checked.secrets };
  throw checked.problems.length > 0
    ? invalidConfig(file, problems)
    : new FramegateError('ERR_SECRET_MISSING', formatProblems(file, problems), {
        hint: 'set it before the start, for a service in /etc/framegate/environment',
        retryable: false,
      });
}

export interface CheckedConfig<T> {
  /** There if there are no problems and nothing is missing. */
  readonly config: T | undefined;
  readonly problems: readonly Problem[];
  /** References without a value on this machine. */
  readonly missing: readonly Problem[];
  readonly secrets: readonly string[];
}

/** Checks the text of a config. `wanted` says which top-level sections have their references filled in. */
export function checkConfig<T>(
  text: string,
  schema: z.ZodType<T>,
  resolveSecret: SecretResolver,
  wanted: (section: string) => boolean = () => true,
): CheckedConfig<T> {
  const yaml = parseYaml(text);
  const bad = (...problems: Problem[]) => ({ config: undefined, problems, missing: [], secrets: [] });
  if (yaml.problems.length > 0) return bad(...yaml.problems);
  if (!isMap(yaml.document.contents)) return bad(notAMap(yaml));
  const jsonSchema = configJsonSchema(schema);
  dropEmptyGroups(yaml.document, jsonSchema);
  const substitution = substitute(yaml, resolveSecret, wanted);
  const plain = toValue(yaml);
  if ('refused' in plain) return bad(yaml.problemAt(undefined, [], plain.refused));
  const { value } = plain;
  const result = schema.safeParse(value, { error: issueMessage });
  const issues = result.success
    ? []
    : describeIssues(result.error.issues, { yaml, schema: jsonSchema, substitution, value });
  const { missing, secrets } = substitution;
  return { config: result.data, problems: [...substitution.malformed, ...issues], missing, secrets };
}

export function invalidConfig(file: string, problems: readonly Problem[]): FramegateError {
  return new FramegateError('ERR_CONFIG_INVALID', formatProblems(file, problems), { retryable: false });
}

function formatProblems(file: string, problems: readonly Problem[]): string {
  const name = relative('.', file).startsWith('..') ? file : relative('.', file);
  return [...problems]
    .sort((a, b) => a.line - b.line || a.column - b.column)
    .map(({ line, column, path, message }) => `${name}:${line}:${column} ${path === '' ? '' : `${path}: `}${message}`)
    .join('\n');
}

function notAMap({ document, problemAt }: YamlDocument): Problem {
  const contents = document.contents as Node | null;
  const empty = contents === null || (isScalar(contents) && contents.value === null);
  const message = empty
    ? 'the file is empty: it needs at least mqtt and cameras, framegate init writes a start'
    : `expected keys such as mqtt: and cameras:, found ${isScalar(contents) ? 'text' : 'a list'}`;
  return problemAt(empty ? undefined : contents, [], message);
}

/** `cameras:` with nothing, or only comments, under it means the same as no `cameras:` at all. */
function dropEmptyGroups(document: Document, schema: JsonSchema): void {
  visit(document, {
    Pair(_, pair, ancestors) {
      if (!isScalar(pair.value) || pair.value.value !== null) return undefined;
      const isGroup = schemasAt(schema, pathOf(ancestors, pair)).some((at) => at.type === 'object');
      return isGroup ? visit.REMOVE : undefined;
    },
  });
}

/** The plain value of a document, or why it has none. */
function toValue({ document }: YamlDocument): { readonly value: unknown } | { readonly refused: string } {
  try {
    return { value: document.toJS({ maxAliasCount: 1000 }) };
  } catch (error) {
    const isExpansion = error instanceof ReferenceError;
    return { refused: isExpansion ? 'aliases of aliases multiply to too much' : describeError(error) };
  }
}
