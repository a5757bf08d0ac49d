/**
 * What can be switched while the gateway runs, over MQTT and HTTP. A switch overrides the config, as in Frigate, until it is set to what the config
 * says; it is kept over a restart.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { CameraConfig } from './config/schema.ts';
import { createFile } from './config/write-file.ts';
import { describeError, FramegateError, systemErrorCode } from './lib/errors.ts';
import { Serial } from './lib/serial.ts';
import { SENSITIVITIES, type Sensitivity } from './motion/config.ts';
import type { Logger } from './telemetry/logger.ts';

export const SWITCH_KEYS = ['enabled', 'motion', 'detect', 'motion_sensitivity'] as const;
export type SwitchKey = (typeof SWITCH_KEYS)[number];

export interface SwitchValues {
  /** The camera is watched. */
  readonly enabled: boolean;
  /** Its frames are judged for motion. */
  readonly motion: boolean;
  /** Frames are sent to the model. */
  readonly detect: boolean;
  readonly motion_sensitivity: Sensitivity;
}

export interface SwitchSnapshot extends SwitchValues {
  /** Those that are not as the config says. */
  readonly overridden: readonly SwitchKey[];
}

type Overrides = { -readonly [K in SwitchKey]?: SwitchValues[K] };

export class Switches {
  readonly #file: string;
  readonly #logger: Logger;
  readonly #writes: Serial;
  #cameras: Readonly<Record<string, CameraConfig>> = {};
  #overrides = new Map<string, Overrides>();

  constructor(file: string, logger: Logger) {
    this.#file = file;
    this.#logger = logger;
    this.#writes = new Serial((error) =>
      logger.error({ reason: describeError(error) }, 'switches could not be saved, a restart will forget them'),
    );
  }

  /** Reads what was kept. A file that cannot be used is told and forgotten. */
  async load(): Promise<void> {
    try {
      this.#overrides = parseOverrides(JSON.parse(await readFile(this.#file, 'utf8')));
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT')
        this.#logger.warn({ file: this.#file, reason: describeError(error) }, 'saved switches cannot be read');
    }
  }

  /** Takes over the cameras of a config. */
  use(cameras: Readonly<Record<string, CameraConfig>>): void {
    this.#cameras = cameras;
  }

  of(camera: string): SwitchSnapshot {
    const overrides = this.#overrides.get(camera) ?? {};
    const configured = this.#configured(camera);
    const overridden = SWITCH_KEYS.filter((key) => overrides[key] !== undefined && overrides[key] !== configured[key]);
    return { ...configured, ...overrides, overridden };
  }

  /** Sets a switch from what people and programs write: `ON`, `off`, `true`, `high`. Throws ERR_GATEWAY_REFUSED. */
  async set(camera: string, key: string, text: string): Promise<SwitchSnapshot> {
    if (!Object.hasOwn(this.#cameras, camera)) throw refused(`there is no camera ${camera}`);
    if (!isKey(key)) throw refused(`there is no switch ${key.slice(0, 40)}`, `known are ${SWITCH_KEYS.join(', ')}`);
    const { [key]: _, ...others } = this.#overrides.get(camera) ?? {};
    const value = parseValue(key, text);
    this.#overrides.set(camera, value === this.#configured(camera)[key] ? others : { ...others, [key]: value });
    await this.#writes.run(() => this.#save());
    return this.of(camera);
  }

  #configured(camera: string): SwitchValues {
    const { enabled = true, motion } = this.#cameras[camera] ?? {};
    return { enabled, motion: true, detect: true, motion_sensitivity: motion?.sensitivity ?? 'medium' };
  }

  async #save(): Promise<void> {
    const known = [...this.#overrides].filter(
      ([camera, overrides]) => Object.hasOwn(this.#cameras, camera) && Object.keys(overrides).length > 0,
    );
    const text = `${JSON.stringify({ version: 1, cameras: Object.fromEntries(known) }, null, 2)}\n`;
    await mkdir(dirname(this.#file), { recursive: true });
    await createFile(this.#file, text, true);
  }
}

function parseValue<K extends SwitchKey>(key: K, text: string): SwitchValues[K] {
  const word = text.trim().toLowerCase();
  if (key === 'motion_sensitivity') {
    const sensitivity = SENSITIVITIES.find((one) => one === word);
    if (sensitivity) return sensitivity as SwitchValues[K];
    throw refused(`${key} was to be ${JSON.stringify(text.slice(0, 40))}`, `expected ${SENSITIVITIES.join(', ')}`);
  }
  if (word === 'on' || word === 'true') return true as SwitchValues[K];
  if (word === 'off' || word === 'false') return false as SwitchValues[K];
  throw refused(`${key} was to be ${JSON.stringify(text.slice(0, 40))}`, 'expected ON or OFF');
}

function parseOverrides(saved: unknown): Map<string, Overrides> {
  const cameras = isRecord(saved) && isRecord(saved['cameras']) ? saved['cameras'] : {};
  return new Map(
    Object.entries(cameras).map(([camera, values]) => {
      const known = Object.entries(isRecord(values) ? values : {}).flatMap(([key, value]) =>
        isKey(key) ? [[key, parseValue(key, String(value))]] : [],
      );
      return [camera, Object.fromEntries(known) as Overrides];
    }),
  );
}

const isKey = (key: string): key is SwitchKey => SWITCH_KEYS.some((one) => one === key);

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const refused = (message: string, hint?: string) =>
  new FramegateError('ERR_GATEWAY_REFUSED', message, { retryable: false, ...(hint !== undefined && { hint }) });
