/**
 * Putting a model into the store so that nobody ever sees half of one: everything is written and flushed in the staging folder
 * (same filesystem), then appears under its name by one rename.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FramegateError, systemErrorCode } from '../lib/errors.ts';
import { copyDurably, explainDiskError, syncFolder, writeDurably } from './files.ts';
import type { ModelManifest } from './manifest.ts';
import { MANIFEST_FILE, modelFile, stagingFolder } from './paths.ts';

/** Long enough to resume a download after a long weekend. */
const LEFTOVER_AGE_MS = 7 * 24 * 3_600_000;
const MAX_ATTEMPTS = 10;

/**
 * Copies `file` into the store under `manifest.name`, replacing an older model of that name; a process that has the older one open keeps
 * it. Returns the path of the copy. Throws ERR_MODEL_HASH when the file is not the one the manifest describes, ERR_DISK_FULL.
 */
export async function installModel(directory: string, manifest: ModelManifest, file: string): Promise<string> {
  const staging = stagingFolder(directory);
  const draft = join(staging, `install-${randomUUID()}`);
  try {
    await mkdir(draft, { recursive: true });
    const digest = await copyDurably(file, join(draft, modelFile(manifest)));
    if (digest.sha256 !== manifest.sha256 || digest.bytes !== manifest.bytes) {
      throw new FramegateError(
        'ERR_MODEL_HASH',
        `${file} is not the model that the manifest of ${manifest.name} describes`,
        {
          hint: `expected ${manifest.bytes} bytes with SHA-256 ${manifest.sha256}, got ${digest.bytes} bytes with ${digest.sha256}`,
          retryable: false,
        },
      );
    }
    await writeDurably(join(draft, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
    await syncFolder(draft);
    const target = join(directory, manifest.name);
    await moveIntoPlace(draft, target, staging);
    await removeLeftovers(staging);
    return join(target, modelFile(manifest));
  } catch (error) {
    throw explainDiskError(error, join(directory, manifest.name));
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Others may install the same model at this moment: the last one wins. */
async function moveIntoPlace(draft: string, target: string, staging: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  for (let attempt = 1; !(await tryMove(draft, target, staging)); attempt += 1) {
    if (attempt < MAX_ATTEMPTS) continue;
    throw new FramegateError('ERR_TIMEOUT', `${target} is being replaced by somebody else all the time`, {
      hint: 'run one command at a time',
    });
  }
  await syncFolder(dirname(target));
}

/** False when somebody else took the place first. */
async function tryMove(draft: string, target: string, staging: string): Promise<boolean> {
  // A folder cannot be renamed over one with content, so the older model steps aside.
  const older = join(staging, `replaced-${randomUUID()}`);
  const stepped = await renameIfPresent(target, older);
  try {
    await rename(draft, target);
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST'].includes(systemErrorCode(error) ?? '')) return false;
    if (stepped) await rename(older, target);
    throw error;
  } finally {
    await rm(older, { recursive: true, force: true });
  }
  return true;
}

async function renameIfPresent(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Removes what a crash or an abandoned download left in the staging folder. */
async function removeLeftovers(staging: string): Promise<void> {
  const oldest = Date.now() - LEFTOVER_AGE_MS;
  for (const name of await readdir(staging)) {
    const path = join(staging, name);
    const entry = await stat(path).catch(() => undefined);
    if (entry && entry.mtimeMs < oldest) await rm(path, { recursive: true, force: true });
  }
}
