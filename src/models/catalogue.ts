/**
 * The models that this program knows how to get: `models/catalogue.json` of the package.
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { FramegateError } from '../lib/errors.ts';
import { type ModelDescription, type ModelManifest, modelDescription, modelManifest } from './manifest.ts';

/** From `src/models` and from `dist/models` alike. */
const FOLDER = new URL('../../models/', import.meta.url);

const labelsFile = z.string().regex(/^labels\/[a-z0-9_-]+\.txt$/);
const common = { name: modelManifest.shape.name, summary: z.string().min(1), labels: labelsFile };

const catalogueFile = z.record(
  z.string(),
  z.discriminatedUnion('kind', [
    modelDescription.extend({ ...common, kind: z.literal('build') }),
    modelManifest.omit({ schema: true }).extend({ ...common, kind: z.literal('download'), source: z.url() }),
  ]),
);

interface Entry {
  /** What one types: `coco`. */
  readonly key: string;
  /** What it is installed as: `coco/1`. */
  readonly name: string;
  /** One line for a list. */
  readonly summary: string;
}

/** A model that is built here from an npm package that is installed with this program. */
export interface BuildEntry extends Entry {
  readonly kind: 'build';
  readonly description: ModelDescription;
}

/** A model that is downloaded: give `manifest` to `pullModel`. */
interface DownloadEntry extends Entry {
  readonly kind: 'download';
  readonly manifest: ModelManifest;
}

export type CatalogueEntry = BuildEntry | DownloadEntry;

export async function loadCatalogue(): Promise<readonly CatalogueEntry[]> {
  const file = catalogueFile.parse(JSON.parse(await readFile(new URL('catalogue.json', FOLDER), 'utf8')));
  return Promise.all(
    Object.entries(file).map(async ([key, entry]): Promise<CatalogueEntry> => {
      const labels = await readLabels(entry.labels);
      if (entry.kind === 'build') {
        const { kind, name, summary, ...description } = entry;
        return { key, kind, name, summary, description: { ...description, labels } };
      }
      const { kind, summary, ...manifest } = entry;
      return { key, kind, name: entry.name, summary, manifest: { schema: 1, ...manifest, labels } };
    }),
  );
}

/** The entry that is called `name` (`coco` or `coco/1`). Throws ERR_MODEL_NOT_FOUND. */
export function findEntry(catalogue: readonly CatalogueEntry[], name: string): CatalogueEntry {
  const entry = catalogue.find(({ key, name: full }) => name === key || name === full);
  if (entry) return entry;
  throw new FramegateError('ERR_MODEL_NOT_FOUND', `no model ${name} in the catalogue`, {
    hint: `it has ${catalogue.map(({ key }) => key).join(', ')}`,
    retryable: false,
  });
}

/** One label per line; the line number, from 0, is the class. */
async function readLabels(file: string): Promise<string[]> {
  return (await readFile(new URL(file, FOLDER), 'utf8')).trimEnd().split('\n');
}
