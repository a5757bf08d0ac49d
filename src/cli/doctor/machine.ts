/**
 * What this machine brings along: programs, native libraries, disk, units.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findFfmpeg } from '../../ffmpeg/build.ts';
import { describeError, systemErrorCode } from '../../lib/errors.ts';
import { packageVersion } from '../../lib/version.ts';
import type { ModelStore } from '../../models/store.ts';
import { verifyModels } from '../model/verify-models.ts';
import { type Finding, ok, problem, warning } from './check.ts';

const run = promisify(execFile);
const GIB = 1024 ** 3;
/** A model and its download fit into this. */
const MIN_FREE_BYTES = GIB / 2;
/** The last release without what the program uses (see `engines` of package.json). */
const MIN_NODE = [20, 19] as const;

export function checkNode(): readonly Finding[] {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const line = `framegate ${packageVersion()}, Node ${process.version}, ${process.platform} ${process.arch}`;
  const isOld = major < MIN_NODE[0] || (major === MIN_NODE[0] && minor < MIN_NODE[1]);
  return [isOld ? problem('node', line, `install Node ${MIN_NODE.join('.')} or newer`) : ok('node', line)];
}

export async function checkFfmpeg(configured: string | undefined): Promise<readonly Finding[]> {
  const { path, version, origin } = await findFfmpeg(configured);
  return [ok('ffmpeg', `${version}, ${origin}, ${path}`)];
}

export async function checkNativeLibraries(): Promise<readonly Finding[]> {
  return Promise.all([
    loading('sharp', async () => {
      const { default: sharp } = await import('sharp');
      return `libvips ${sharp.versions.vips}`;
    }),
    loading('onnxruntime', async () => {
      // Loading alone would already begin to send usage data to its maker.
      process.env['ORT_DISABLE_TELEMETRY'] = '1';
      const { env, listSupportedBackends } = await import('onnxruntime-node');
      const backends = listSupportedBackends().flatMap(({ name, bundled }) => (bundled ? [name] : []));
      return `${env.versions.node}, runs models on ${backends.join(', ')}`;
    }),
  ]);
}

async function loading(name: string, load: () => Promise<string>): Promise<Finding> {
  try {
    return ok(name, await load());
  } catch (error) {
    return problem(name, `does not load: ${describeError(error).split('\n')[0]}`, 'run npm ci again on this machine');
  }
}

export async function checkDataDir(folder: string): Promise<readonly Finding[]> {
  const fix = 'set dataDir, or run this as the user of the service';
  const file = join(folder, `.doctor-${randomUUID()}`);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(file, '');
    await rm(file);
  } catch (error) {
    return [problem('data folder', `${folder} is not writable (${systemErrorCode(error) ?? 'unknown error'})`, fix)];
  }
  const { bavail, bsize } = await statfs(folder);
  const line = `${folder}, ${((bavail * bsize) / GIB).toFixed(1)} GiB free`;
  return [
    bavail * bsize < MIN_FREE_BYTES ? warning('data folder', line, 'make room on the disk') : ok('data folder', line),
  ];
}

/** `needed`: whether the gateway of this machine asks models of this machine. */
export async function checkModels(store: ModelStore, needed: boolean): Promise<readonly Finding[]> {
  const models = await verifyModels(store);
  if (models.length === 0) {
    const line = `none in ${store.directory}`;
    return [needed ? problem('models', line, 'framegate model build coco') : ok('models', line)];
  }
  return models.map(({ ref, ok: whole, message }) =>
    whole ? ok(`model ${ref}`, `verified, ${message}`) : problem(`model ${ref}`, message),
  );
}

/** Units only count where systemd is what runs the machine. */
export async function checkUnits(): Promise<readonly Finding[]> {
  const isSystemd = (await readFile('/proc/1/comm', 'utf8').catch(() => '')).trim() === 'systemd';
  if (!isSystemd) return [ok('systemd', 'does not run this machine')];
  return Promise.all(['framegate', 'framegate-serve'].map(checkUnit));
}

async function checkUnit(unit: string): Promise<Finding> {
  const { stdout } = await run('systemctl', ['show', unit, '--property=LoadState,ActiveState,UnitFileState'], {
    timeout: 5000,
    killSignal: 'SIGKILL',
  });
  const { LoadState, ActiveState, UnitFileState } = Object.fromEntries(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split('=')),
  ) as Record<string, string>;
  if (LoadState === 'not-found') return ok(`unit ${unit}`, 'not installed');
  const line = `${ActiveState}, ${UnitFileState}`;
  if (ActiveState === 'failed') return problem(`unit ${unit}`, line, `journalctl -u ${unit} says why`);
  return ok(`unit ${unit}`, line);
}
