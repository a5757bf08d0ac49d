import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import type { GatewayStatus } from '../../../src/gateway-status.ts';
import { sleep } from '../../../src/lib/abort.ts';
import { startChild } from './child.ts';
import type { Feed, RunningSubject, Subject } from './subject.ts';

const run = promisify(execFile);
const READY_MS = 90_000;

export type DecodeMode = 'always' | 'auto';

/** A built `framegate`, and what it talks to. */
export interface Installation {
  /** Path of its main.js. */
  readonly main: string;
  readonly mqttUrl: string;
  readonly inferenceUrl: string;
  /** Where configs and logs go. */
  readonly folder: string;
  /** What is set for every camera. */
  readonly camera: Readonly<Record<string, unknown>>;
  /** Whether its config knows `decode.mode`; before it did, every camera was `always`. */
  readonly hasModes: boolean;
}

/** One full-resolution picture per opening of the gate, so that their cost does not hide the rest. */
export const SELDOM = {
  trigger: { interval: '30m' },
  // It has to be longer than the interval.
  tracking: { endAfter: '1h' },
} as const;

/**
 * `framegate run` with `cameras` cameras and the defaults of its config.
 * @param settings what is set for each camera all the same.
 */
export function gateway(
  installation: Installation,
  mode: DecodeMode,
  cameras: number,
  settings: Readonly<Record<string, unknown>> = {},
): Subject {
  const decode = installation.hasModes ? { decode: { mode } } : {};
  return {
    name: mode,
    label: `framegate run, decode.mode ${mode}`,
    cameras,
    learns: mode === 'auto',
    start: (feeds, id) => start(installation, { ...installation.camera, ...settings, ...decode }, feeds, id),
  };
}

/** Camera number `index` of a gateway, in its config and in its topics. */
export const cameraId = (index: number) => `camera${index + 1}`;

/** Whether the config of this build knows `decode.mode: auto`. */
export async function knowsModes(main: string, folder: string): Promise<boolean> {
  const file = join(folder, 'modes.yaml');
  const cameras = { [cameraId(0)]: { url: 'rtsp://127.0.0.1/stream', decode: { mode: 'auto' } } };
  await writeFile(file, stringify({ mqtt: { url: 'mqtt://127.0.0.1' }, cameras }));
  return run(process.execPath, [main, 'validate', '-c', file]).then(
    () => true,
    () => false,
  );
}

async function start(
  { main, mqttUrl, inferenceUrl, folder }: Installation,
  settings: Readonly<Record<string, unknown>>,
  feeds: readonly Feed[],
  id: string,
): Promise<RunningSubject> {
  const place = join(folder, id);
  await mkdir(place, { recursive: true });
  const file = join(place, 'framegate.yaml');
  const port = await freePort();
  const config = {
    gateway: { id },
    dataDir: place,
    http: { port },
    mqtt: { url: mqttUrl },
    inference: { url: inferenceUrl },
    cameras: Object.fromEntries(feeds.map(({ url }, index) => [cameraId(index), { url, ...settings }])),
  };
  await writeFile(file, stringify(config));
  const child = await startChild(process.execPath, [main, 'run', '-c', file], `${place}.log`, await unitEnvironment());
  const status = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/api/status`);
    return ((await response.json()) as GatewayStatus).cameras;
  };
  try {
    await allOnline(status, feeds.length, `${place}.log`);
  } catch (error) {
    await child[Symbol.asyncDispose]();
    throw error;
  }
  return Object.assign(child, { pids: [child.pid], status });
}

/** What the systemd unit sets for the gateway. */
async function unitEnvironment(): Promise<Record<string, string>> {
  const unit = await readFile('systemd/framegate.service', 'utf8');
  const settings = [...unit.matchAll(/^Environment=(.*)$/gm)].flatMap(([, line = '']) => line.split(' '));
  return Object.fromEntries(settings.map((setting) => setting.split('=') as [string, string]));
}

async function allOnline(status: RunningSubject['status'], cameras: number, log: string): Promise<void> {
  for (const giveUpAt = performance.now() + READY_MS; performance.now() < giveUpAt; await sleep(500)) {
    const states = Object.values(await status().catch(() => ({})));
    if (states.length === cameras && states.every(({ state }) => state === 'online')) return;
  }
  throw new Error(`framegate has not all cameras online after ${READY_MS / 1000} s: see ${log}`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}
