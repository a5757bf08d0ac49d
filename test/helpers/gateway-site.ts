/**
 * Where a gateway runs as a process of its own: its folder with the config, and its HTTP interface. Broker, cameras and model are the test's.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import type { GatewayStatus } from '../../src/gateway-status.ts';
import { freePort, type RunningProcess, startFramegate } from './processes.ts';

export interface SiteSettings {
  readonly mqtt: object;
  readonly inference: object;
  readonly cameras: object;
  readonly [section: string]: unknown;
}

export interface GatewaySite {
  /** Gone after the test. */
  readonly folder: string;
  /** The config. */
  readonly file: string;
  /** Of the HTTP interface. */
  readonly url: string;
  /** Writes the config anew; a running gateway takes it over. */
  configure(settings: SiteSettings): Promise<void>;
  /** Starts the gateway; it is killed when the test is over. */
  start(): RunningProcess;
  status(): Promise<GatewayStatus>;
  /** What the status says of a camera. */
  camera(id: string): Promise<GatewayStatus['cameras'][string]>;
}

/** Makes a place for the gateway `site`, configured by `settings`; it is not started yet. */
export async function openSite(settings: SiteSettings): Promise<GatewaySite> {
  const folder = await mkdtemp(join(tmpdir(), 'framegate-site-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'framegate.yaml');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const own = { gateway: { id: 'site' }, dataDir: join(folder, 'data'), http: { port } };
  const configure = (all: SiteSettings) => writeFile(file, stringify({ ...own, ...all }));
  const status = async () => (await (await fetch(`${url}/api/status`)).json()) as GatewayStatus;
  await configure(settings);
  return {
    ...{ folder, file, url, configure, status },
    start: () => startFramegate(['run', '-c', file]),
    camera: async (id) => {
      const camera = (await status()).cameras[id];
      if (!camera) throw new Error(`no camera ${id}`);
      return camera;
    },
  };
}
