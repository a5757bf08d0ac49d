import { expect, test } from 'vitest';
import { findEntry, loadCatalogue } from '../../src/models/catalogue.ts';
import { modelManifest } from '../../src/models/manifest.ts';

test.each(['https://user:secret@example.com/a.onnx', 'http://token@example.com/a.onnx'])(
  'a source with a password in it is refused: %s',
  async (source) => {
    const entry = findEntry(await loadCatalogue(), 'yolox-nano');
    if (entry.kind !== 'download') expect.unreachable();
    const { error } = modelManifest.safeParse({ ...entry.manifest, source });
    expect(error?.issues).toMatchObject([{ path: ['source'], message: 'must not contain a user name or password' }]);
    expect(error?.message).not.toContain('secret');
  },
);
