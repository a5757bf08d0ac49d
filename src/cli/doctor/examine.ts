import { isIPv4 } from 'node:net';
import { join } from 'node:path';
import type { LoadedConfig } from '../../config/load.ts';
import { dataDir } from '../../lib/data-dir.ts';
import { describeError, isFramegateError } from '../../lib/errors.ts';
import { openStore } from '../../models/store.ts';
import type { Cli } from '../cli.ts';
import { type ConfigOption, openConfig } from '../config-option.ts';
import { probeAll } from '../probes.ts';
import { type Finding, guarded, ok, problem } from './check.ts';
import { checkDataDir, checkFfmpeg, checkModels, checkNativeLibraries, checkNode, checkUnits } from './machine.ts';

/** Looks at everything side by side. Never rejects. */
export async function examine(cli: Cli, options: ConfigOption): Promise<readonly Finding[]> {
  const { loaded, finding } = await lookAtConfig(cli, options);
  const config = loaded?.config;
  const folder = dataDir(config?.dataDir);
  const isLocal = isLoopback(config?.inference.url);
  const guard = (name: string, check: (signal: AbortSignal) => Promise<readonly Finding[]>) =>
    guarded(name, cli.signal, check);
  const findings = await Promise.all([
    checkNode(),
    guard('ffmpeg', () => checkFfmpeg(config?.ffmpeg.path)),
    guard('native libraries', checkNativeLibraries),
    guard('data folder', () => checkDataDir(folder)),
    guard('models', () => checkModels(openStore(join(folder, 'models')), isLocal)),
    [finding],
    config ? probeAll(config, cli.signal).then(reachable) : [],
    guard('systemd', checkUnits),
  ]);
  return findings.flat();
}

async function lookAtConfig(
  cli: Cli,
  options: ConfigOption,
): Promise<{ readonly loaded?: LoadedConfig; readonly finding: Finding }> {
  try {
    const loaded = await openConfig(cli, options);
    const cameras = Object.keys(loaded.config.cameras).length;
    return { loaded, finding: ok('config', `${loaded.file}, ${cameras} cameras`) };
  } catch (error) {
    const fix = isFramegateError(error, 'ERR_CONFIG_MISSING') ? 'framegate init' : 'correct the file';
    return { finding: problem('config', describeError(error), fix) };
  }
}

const reachable = (probes: Awaited<ReturnType<typeof probeAll>>): Finding[] =>
  probes.map((probe) => (probe.ok ? ok : problem)(probe.name, probe.message));

function isLoopback(url: string | undefined): boolean {
  if (url === undefined) return true;
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || (isIPv4(hostname) && hostname.startsWith('127.'));
}
