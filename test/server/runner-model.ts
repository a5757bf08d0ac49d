import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { InstalledModel } from '../../src/models/installed.ts';
import type { ModelManifest } from '../../src/models/manifest.ts';
import { openStore } from '../../src/models/store.ts';

export const RUNNER = fileURLToPath(new URL('fixtures/runner.mjs', import.meta.url));

/** A model that runner `fixture` runs, on 32x32 interleaved pixels. */
export async function installRunnerModel(
  directory: string,
  change: Partial<ModelManifest> = {},
): Promise<InstalledModel> {
  const bytes = Buffer.from('weights');
  const store = openStore(directory);
  await mkdir(store.staging, { recursive: true });
  const file = join(store.staging, 'model.blob');
  await writeFile(file, bytes);
  return store.install(
    {
      schema: 1,
      name: 'stick/1',
      sha256: createHash('sha256').update(bytes).digest('hex'),
      bytes: bytes.length,
      licence: 'Apache-2.0',
      source: 'https://example.invalid/model.blob',
      task: 'object-detection',
      input: { width: 32, height: 32, layout: 'nhwc', type: 'uint8', colour: 'rgb', fit: 'letterbox', pad: 0 },
      decoder: 'boxes',
      labels: ['person', 'car'],
      runner: 'fixture',
      file: 'model.blob',
      ...change,
    },
    file,
  );
}
