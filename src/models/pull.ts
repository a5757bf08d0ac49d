import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { FramegateError, isFramegateError } from '../lib/errors.ts';
import { download, removePart, withoutQuery } from './download.ts';
import type { InstalledModel } from './installed.ts';
import type { ModelManifest } from './manifest.ts';
import type { OnProgress } from './progress.ts';
import type { ModelStore } from './store.ts';

export interface Pull {
  /** Says all: `source` is the URL, `sha256` and `bytes` what must come from there. From the catalogue, or written by hand. */
  readonly manifest: ModelManifest;
  readonly store: ModelStore;
  readonly signal: AbortSignal;
  /** In bytes. */
  readonly onProgress?: OnProgress;
  /** Gives up when the server sends nothing for this long; default 30 s. */
  readonly stallMs?: number;
}

/**
 * Downloads a model into the store, unless the file is there and whole. After ERR_MODEL_DOWNLOAD or ERR_DISK_FULL the next call
 * goes on where this one stopped; after ERR_MODEL_HASH it starts again. Throws ERR_USAGE when the source is no URL.
 */
export async function pullModel({
  manifest,
  store,
  signal,
  onProgress,
  stallMs = 30_000,
}: Pull): Promise<InstalledModel> {
  if (!/^https?:\/\//.test(manifest.source)) {
    throw new FramegateError('ERR_USAGE', `${manifest.name} is not a download, its source is ${manifest.source}`, {
      hint: 'run "framegate model build" for a model that is built here',
      retryable: false,
    });
  }
  const present = await findWhole(store, manifest);
  if (present) return isDeepStrictEqual(present.manifest, manifest) ? present : store.install(manifest, present.file);
  // Named by content: the same file from another address goes on with the same part.
  const part = join(store.staging, `${manifest.sha256}.part`);
  await download({ url: manifest.source, bytes: manifest.bytes, part, signal, stallMs, onProgress });
  const model = await installPart(store, manifest, part);
  await removePart(part);
  return model;
}

async function findWhole(store: ModelStore, manifest: ModelManifest): Promise<InstalledModel | undefined> {
  try {
    const model = await store.verify(manifest.name);
    return model.manifest.sha256 === manifest.sha256 ? model : undefined;
  } catch (error) {
    if (isFramegateError(error, 'ERR_MODEL_NOT_FOUND', 'ERR_MODEL_CORRUPT')) return undefined;
    throw error;
  }
}

async function installPart(store: ModelStore, manifest: ModelManifest, part: string): Promise<InstalledModel> {
  try {
    return await store.install(manifest, part);
  } catch (error) {
    if (!isFramegateError(error, 'ERR_MODEL_HASH')) throw error;
    await removePart(part);
    throw new FramegateError(
      'ERR_MODEL_HASH',
      `${withoutQuery(manifest.source)} is not the expected file: its SHA-256 is not ${manifest.sha256}`,
      {
        cause: error,
        hint: 'the download was deleted; run the command again, and if that does not help, the file has changed at its source',
      },
    );
  }
}
