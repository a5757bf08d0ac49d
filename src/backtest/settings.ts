/**
 * The settings of one camera that a backtest is about: taken from the config or the defaults, changed for this run, and shown to people.
 */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type Change, withChange } from '../config/edit.ts';
import { configJsonSchema, type JsonSchema, schemasAt } from '../config/json-schema.ts';
import { issueMessage } from '../config/problems.ts';
import { type CameraConfig, cameraConfig } from '../config/schema.ts';
import { nearest } from '../config/suggest.ts';
import { FramegateError } from '../lib/errors.ts';
import { parametersOf } from '../motion/parameters.ts';

/** What stands under a camera in the file. */
export type RawCamera = Readonly<Record<string, unknown>>;

/** Groups of a camera's settings that decide what a backtest finds. */
const GROUPS = ['decode', 'motion', 'trigger', 'tracking'];
/** Set for the camera, not for what it sees. */
const URL = 'rtsp://clip.invalid/';

/** A set of settings, as it stands in a file and as it is used. */
export interface Settings {
  readonly raw: RawCamera;
  readonly camera: CameraConfig;
}

/**
 * The settings of a camera with some keys changed.
 * @param raw what the file says; empty for the defaults.
 * @throws ERR_USAGE that names the key.
 */
export function settingsOf(raw: RawCamera, changes: readonly Change[] = [], option = '--set'): Settings {
  const changed = changes.reduce<RawCamera>((so, { path, value }) => withChange(so, path, value), raw);
  const parsed = cameraConfig.safeParse({ ...changed, url: URL }, { error: issueMessage });
  if (parsed.success) return { raw: changed, camera: parsed.data };
  const [issue] = parsed.error.issues;
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const key = [...(issue?.path ?? []), ...unknown].join('.');
  const groups = schemasAt(configJsonSchema(cameraConfig), issue?.path ?? []);
  const known = groups.flatMap(({ properties }) => Object.keys(properties ?? {}));
  const hint = unknown[0] === undefined ? undefined : advice(unknown[0], known);
  throw new FramegateError('ERR_USAGE', `${option} ${key}: ${hint ? 'unknown key' : issue?.message}`, {
    ...(hint !== undefined && { hint }),
    retryable: false,
  });
}

function advice(name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  if (meant) return `did you mean ${meant}?`;
  const below = leaves(configJsonSchema(cameraConfig)).find(({ path }) => path.at(-1) === name);
  return below ? `did you mean ${below.path.join('.')}?` : `known here are ${known.join(', ')}`;
}

/** One setting, as people write it. */
export interface Setting {
  readonly key: string;
  readonly value: string;
  /** It is what it would be if nothing was set. */
  readonly isDefault: boolean;
}

/** All settings that decide what a backtest finds. */
export function listSettings({ raw, camera }: Settings): readonly Setting[] {
  const bySensitivity = parametersOf(camera.motion) as unknown as Record<string, unknown>;
  const root = configJsonSchema(cameraConfig);
  return GROUPS.flatMap((group) => leaves(root.properties?.[group] ?? {}, [group])).flatMap(({ path, schema }) => {
    const own = valueAt(raw, path);
    const standard = schema.default;
    const inherited = path[0] === 'motion' ? bySensitivity[path[1] ?? ''] : undefined;
    const value = own ?? standard ?? inherited;
    if (value === undefined) return [];
    return [
      {
        key: path.join('.'),
        value: show(value, path),
        isDefault: own === undefined || isDeepStrictEqual(own, standard),
      },
    ];
  });
}

/** What a set of settings has in common with no other one. */
export function hashOf(settings: Settings, more: unknown = undefined): string {
  const { decode, motion, trigger, tracking } = settings.camera;
  const { interval, every } = trigger;
  const text = JSON.stringify([sorted({ decode, motion, tracking, trigger: { interval, every } }), more ?? null]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

interface Leaf {
  readonly path: readonly string[];
  readonly schema: JsonSchema;
}

/** Keys with a value of their own. What leads to other machines (`onvif`, `mqtt`) has no part in a backtest. */
function leaves(schema: JsonSchema, path: readonly string[] = []): readonly Leaf[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, inner]) => {
    if (key === 'onvif' || key === 'mqtt') return [];
    return inner.properties ? leaves(inner, [...path, key]) : [{ path: [...path, key], schema: inner }];
  });
}

const DURATIONS = ['confirm'];

function show(value: unknown, path: readonly string[]): string {
  if (typeof value === 'number' && DURATIONS.includes(path.at(-1) ?? '')) return `${value}ms`;
  if (Array.isArray(value)) return value.length === 0 ? 'none' : `${value.length}: ${JSON.stringify(value)}`;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

const valueAt = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined),
    value,
  );

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
