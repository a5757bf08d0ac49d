/**
 * Changing a config file for its owner: comments, order and layout stay, and nothing is written that would not load.
 */
import { dirname, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { isMap } from 'yaml';
import { FramegateError } from '../lib/errors.ts';
import { checkConfig, invalidConfig } from './load.ts';
import { readConfigText } from './read-text.ts';
import { showBraces } from './references.ts';
import { gatewayConfig } from './schema.ts';
import { secretResolver } from './secrets.ts';
import { spliceIn, spliceOut } from './splice.ts';
import { replaceFile } from './write-file.ts';
import { parseYaml } from './yaml-document.ts';

/** One change: the path of a key and its new value; without a value the key is removed. */
export interface Change {
  readonly path: readonly string[];
  readonly value?: unknown;
}

/** What stands under `cameras`, as written: references are not filled in, defaults not added. Throws as `loadConfig`. */
export async function readCameras(file: string): Promise<Readonly<Record<string, Readonly<Record<string, unknown>>>>> {
  const text = await readConfigText(file);
  refuseProblems(file, text);
  return (plainValue(text)['cameras'] ?? {}) as Record<string, Record<string, unknown>>;
}

/** One camera, as `readCameras`. Throws ERR_USAGE if there is none of this id. */
export async function readCamera(file: string, id: string): Promise<Readonly<Record<string, unknown>>> {
  const cameras = await readCameras(file);
  const camera = Object.hasOwn(cameras, id) ? cameras[id] : undefined;
  if (camera) return camera;
  const known = Object.keys(cameras).join(', ');
  throw usage(`there is no camera ${id}`, known === '' ? 'there are none yet' : `known are ${known}`);
}

/** Adds a camera; paths are those below the camera. Throws ERR_USAGE if there is one of this id. */
export async function addCamera(file: string, id: string, settings: readonly Change[]): Promise<void> {
  if (Object.hasOwn(await readCameras(file), id)) {
    throw usage(`there is a camera ${id} already`, `change it with framegate camera set ${id}, or choose another id`);
  }
  const camera = settings.reduce((so, { path, value }) => withChange(so, path, value), {});
  await editConfig(file, [{ path: ['cameras', id], value: camera }]);
}

/** Changes keys of a camera; paths are those below the camera. Throws ERR_USAGE if there is none of this id. */
export async function setCamera(file: string, id: string, changes: readonly Change[]): Promise<void> {
  await readCamera(file, id);
  await editConfig(
    file,
    changes.map((change) => ({ ...change, path: ['cameras', id, ...change.path] })),
  );
}

/** Removes a camera. Throws ERR_USAGE if there is none of this id. */
export async function removeCamera(file: string, id: string): Promise<void> {
  await readCamera(file, id);
  await editConfig(file, [{ path: ['cameras', id] }]);
}

/** Makes all changes, checks the result as a whole, and only then replaces the file. Throws ERR_CONFIG_INVALID. */
export async function editConfig(file: string, changes: readonly Change[]): Promise<void> {
  const before = await readConfigText(file);
  refuseProblems(file, before);
  const after = changes.reduce((text, change) => applyChange(file, text, change), before);
  refuseProblems(file, after);
  await replaceFile(file, after);
}

/** References without a value are fine here: whoever edits the file need not have the secrets of the service. */
function refuseProblems(file: string, text: string): void {
  const { problems } = checkConfig(text, gatewayConfig, secretResolver(process.env, dirname(resolve(file))));
  if (problems.length > 0) throw invalidConfig(file, problems);
}

function applyChange(file: string, text: string, { path, value }: Change): string {
  const wanted = tidy(JSON.stringify(withChange(plainValue(text), path, value)));
  const candidates = [
    () => (value === undefined ? spliceOut(text, path) : spliceIn(text, path, value)),
    () => rewritten(text, path, value),
  ];
  for (const candidate of candidates) {
    const result = candidate();
    if (result !== undefined && isDeepStrictEqual(plainValue(result), wanted)) return result;
  }
  throw new FramegateError('ERR_CONFIG_INVALID', `${file}: ${path.join('.')} cannot be changed by itself`, {
    hint: 'it is shared through an alias (* or <<); change it with an editor',
    retryable: false,
  });
}

/** The fall-back for layouts that `splice` does not know: keeps comments and order, but not every space. */
function rewritten(text: string, path: readonly string[], value: unknown): string | undefined {
  const { document } = parseYaml(text);
  try {
    if (value === undefined) document.deleteIn(path);
    else document.setIn(path, document.createNode(value));
    return showBraces(document.toString({ lineWidth: 0 }));
  } catch {
    // The path leads through an alias, or what was removed is the anchor of one.
    return undefined;
  }
}

/** The values of a text that parses, nothing shared between them; empty groups, which say nothing, left out. */
function plainValue(text: string): Record<string, unknown> {
  const { document, problems } = parseYaml(text);
  if (problems.length > 0 || !isMap(document.contents)) return {};
  return tidy(showBraces(JSON.stringify(document.toJS({ maxAliasCount: 1000 }))));
}

const tidy = (json: string) => JSON.parse(json, (_, value: unknown) => withoutEmpty(value)) as Record<string, unknown>;

function withoutEmpty(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const isEmpty = (inner: unknown) =>
    inner === null || (typeof inner === 'object' && !Array.isArray(inner) && Object.keys(inner).length === 0);
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => !isEmpty(inner)));
}

/** A copy with one key changed; without a value the key is left out. */
export function withChange(
  root: Readonly<Record<string, unknown>>,
  path: readonly string[],
  value: unknown,
): Record<string, unknown> {
  const [key = '', ...rest] = path;
  if (rest.length === 0) {
    const { [key]: _, ...others } = root;
    return value === undefined ? others : { ...others, [key]: value };
  }
  const child = root[key];
  const group = typeof child === 'object' && child !== null ? (child as Record<string, unknown>) : {};
  return { ...root, [key]: withChange(group, rest, value) };
}

const usage = (message: string, hint: string) => new FramegateError('ERR_USAGE', message, { hint, retryable: false });
