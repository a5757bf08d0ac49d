/**
 * The models on this machine.
 */
import { FramegateError } from '../lib/errors.ts';
import { digestFile } from './files.ts';
import { installModel } from './install.ts';
import { corrupt, type InstalledModel, listModels, readModel, type StoreContents } from './installed.ts';
import type { ModelManifest } from './manifest.ts';
import { stagingFolder } from './paths.ts';

export interface ModelStore {
  readonly directory: string;
  /** Folder for files on their way in. May not exist yet; what stays in it for a week is removed. */
  readonly staging: string;
  /** All models, in order of name and version. A broken one does not hide the others. Looks at sizes, not at hashes. */
  list(): Promise<StoreContents>;
  /** Throws ERR_MODEL_NOT_FOUND, or ERR_MODEL_CORRUPT when it is there but damaged. Looks at the size, not at the hash. */
  find(ref: string): Promise<InstalledModel>;
  /** Like `find`, but reads the whole file and compares its hash. */
  verify(ref: string): Promise<InstalledModel>;
  /** Copies `file` in under `manifest.name`, replacing an older model of that name. Throws ERR_MODEL_HASH, ERR_DISK_FULL. */
  install(manifest: ModelManifest, file: string): Promise<InstalledModel>;
}

/** The store in `directory` (`<data folder>/models`). Touches nothing before it is asked to; a missing folder is an empty store. */
export function openStore(directory: string): ModelStore {
  const find = async (ref: string) => (await readModel(directory, ref)) ?? (await notFound(directory, ref));
  return {
    directory,
    staging: stagingFolder(directory),
    list: () => listModels(directory),
    find,
    async verify(ref) {
      const model = await find(ref);
      const { sha256 } = await digestFile(model.file);
      if (sha256 === model.manifest.sha256) return model;
      throw corrupt(ref, `${model.file} has SHA-256 ${sha256} instead of ${model.manifest.sha256}`);
    },
    async install(manifest, file) {
      return { ref: manifest.name, manifest, file: await installModel(directory, manifest, file) };
    },
  };
}

async function notFound(directory: string, ref: string): Promise<never> {
  const { models } = await listModels(directory);
  const installed = models.map((model) => model.ref).join(', ') || 'none';
  throw new FramegateError('ERR_MODEL_NOT_FOUND', `no model ${ref} in ${directory} (installed: ${installed})`, {
    hint: 'run "framegate model build coco", or "framegate model pull NAME", to install one',
    retryable: false,
  });
}
