/**
 * Reading the store: which models are there, and which of them are whole.
 */
import type { Stats } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FramegateError, isFramegateError, systemErrorCode } from '../lib/errors.ts';
import { type ModelManifest, modelManifest, modelRef } from './manifest.ts';
import { MANIFEST_FILE, modelFile } from './paths.ts';

const MAX_ATTEMPTS = 20;

export interface InstalledModel {
  /** `project/version`. */
  readonly ref: string;
  readonly manifest: ModelManifest;
  /** Path of the model's file. */
  readonly file: string;
}

interface BrokenModel {
  readonly ref: string;
  /** ERR_MODEL_CORRUPT. */
  readonly error: FramegateError;
}

export interface StoreContents {
  readonly models: readonly InstalledModel[];
  readonly broken: readonly BrokenModel[];
}

export async function listModels(directory: string): Promise<StoreContents> {
  const models: InstalledModel[] = [];
  const broken: BrokenModel[] = [];
  for (const project of await namesIn(directory)) {
    for (const version of await namesIn(join(directory, project))) {
      const ref = `${project}/${version}`;
      try {
        const model = await readModel(directory, ref);
        if (model) models.push(model);
      } catch (error) {
        if (!isFramegateError(error, 'ERR_MODEL_CORRUPT')) throw error;
        broken.push({ ref, error });
      }
    }
  }
  return { models, broken };
}

/** Undefined when there is no such folder, or `ref` cannot name one. Throws ERR_MODEL_CORRUPT. Looks at sizes, not at hashes. */
export async function readModel(directory: string, ref: string): Promise<InstalledModel | undefined> {
  if (!modelRef.safeParse(ref).success) return undefined;
  const folder = join(directory, ref);
  for (let attempt = 1; ; attempt += 1) {
    const before = await identityOf(folder);
    if (before === undefined) return undefined;
    const [outcome] = await Promise.allSettled([readFolder(folder, ref)]);
    // A folder that was replaced meanwhile may have given the manifest of one model and the file of another.
    if (before !== (await identityOf(folder)) && attempt < MAX_ATTEMPTS) continue;
    if (outcome.status === 'fulfilled') return outcome.value;
    throw outcome.reason;
  }
}

async function readFolder(folder: string, ref: string): Promise<InstalledModel> {
  const manifest = await readManifest(join(folder, MANIFEST_FILE), ref);
  const file = join(folder, modelFile(manifest));
  const bytes = (await statIfPresent(file))?.size;
  if (bytes === manifest.bytes) return { ref, manifest, file };
  throw corrupt(
    ref,
    bytes === undefined ? `${file} is missing` : `${file} has ${bytes} bytes instead of ${manifest.bytes}`,
  );
}

/** Changes when another folder takes the place of this one. */
async function identityOf(folder: string): Promise<string | undefined> {
  const stats = await statIfPresent(folder);
  return stats && `${stats.ino} ${stats.ctimeMs}`;
}

export function corrupt(ref: string, what: string): FramegateError {
  return new FramegateError('ERR_MODEL_CORRUPT', `model ${ref} is damaged: ${what}`, {
    hint: 'install it again with "framegate model build" or "framegate model pull", or remove its folder',
    retryable: false,
  });
}

async function readManifest(path: string, ref: string): Promise<ModelManifest> {
  const parsed = modelManifest.safeParse(parseJson(await readManifestText(path, ref), path, ref));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw corrupt(ref, `${path}: ${[issue?.path.join('.'), issue?.message].filter(Boolean).join(': ')}`);
  }
  if (parsed.data.name !== ref) throw corrupt(ref, `${path} describes ${parsed.data.name}`);
  return parsed.data;
}

async function readManifestText(path: string, ref: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) throw corrupt(ref, `${path} is missing`);
    throw error;
  }
}

function parseJson(text: string, path: string, ref: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw corrupt(ref, `${path} is not JSON`);
  }
}

/** Folders that may be projects or versions, `2` before `10`. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    const names = (await readdir(folder)).filter((name) => !name.startsWith('.'));
    return names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

async function statIfPresent(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error) ?? '');
}
