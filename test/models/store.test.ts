import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { openStore } from '../../src/models/store.ts';
import { writeTinyModel } from '../helpers/tiny-model.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'framegate-store-'));
  onTestFinished(() => rm(directory, { recursive: true }));
});

async function damage(file: string): Promise<void> {
  const bytes = await readFile(file);
  bytes[bytes.length - 10]! ^= 0xff;
  await writeFile(file, bytes);
}

test('a store that does not exist yet is empty', async () => {
  const store = openStore(join(directory, 'not', 'there'));
  expect(await store.list()).toEqual({ models: [], broken: [] });
});

test('installed models are listed by name, version 2 before version 10', async () => {
  for (const name of ['site/10', 'coco/1', 'site/2']) await writeTinyModel(directory, { name });
  const { models, broken } = await openStore(directory).list();
  expect(models.map((model) => model.ref)).toEqual(['coco/1', 'site/2', 'site/10']);
  expect(models[0]?.file).toBe(join(directory, 'coco', '1', 'model.onnx'));
  expect(broken).toEqual([]);
});

test('a missing model is named together with the installed ones and the way to get one', async () => {
  await writeTinyModel(directory, { name: 'site/2' });
  await expect(openStore(directory).find('coco/1')).rejects.toMatchObject({
    code: 'ERR_MODEL_NOT_FOUND',
    message: `no model coco/1 in ${directory} (installed: site/2)`,
    hint: expect.stringContaining('framegate model build coco'),
    retryable: false,
  });
});

test.each(['../secret', 'coco', 'coco/..', '.staging/x', 'a/b/c', ''])('%j is no model', async (ref) => {
  await mkdir(join(directory, '.staging', 'x'), { recursive: true });
  await expect(openStore(directory).find(ref)).rejects.toMatchObject({ code: 'ERR_MODEL_NOT_FOUND' });
});

test.each([
  ['no JSON', () => '{"schema": 1,', 'is not JSON'],
  ['an unknown decoder', (text: string) => text.replace('"yolox"', '"guess"'), 'decoder: '],
  ['an unknown key', (text: string) => text.replace('"task"', '"tusk": 1, "task"'), 'tusk'],
  ['a later schema', (text: string) => text.replace('"schema": 1', '"schema": 2'), 'schema: '],
  ['the name of another model', (text: string) => text.replace('"bad/1"', '"good/1"'), 'describes good/1'],
])('a manifest with %s is reported and does not hide the other models', async (_, spoil, expected) => {
  await writeTinyModel(directory, { name: 'good/1' });
  const { file } = await writeTinyModel(directory, { name: 'bad/1' });
  const manifest = join(dirname(file), 'manifest.json');
  await writeFile(manifest, spoil(await readFile(manifest, 'utf8')));
  const { models, broken } = await openStore(directory).list();
  expect(models.map((model) => model.ref)).toEqual(['good/1']);
  expect(broken).toMatchObject([{ ref: 'bad/1', error: { code: 'ERR_MODEL_CORRUPT' } }]);
  expect(broken[0]?.error.message).toContain(manifest);
  expect(broken[0]?.error.message).toContain(expected);
});

test('a missing or cut off model file is reported by list', async () => {
  const cut = await writeTinyModel(directory, { name: 'cut/1' });
  const gone = await writeTinyModel(directory, { name: 'gone/1' });
  await writeFile(cut.file, 'short');
  await rm(gone.file);
  const { broken } = await openStore(directory).list();
  expect(broken.map(({ error }) => error.message)).toEqual([
    `model cut/1 is damaged: ${cut.file} has 5 bytes instead of ${cut.manifest.bytes}`,
    `model gone/1 is damaged: ${gone.file} is missing`,
  ]);
});

test('verify finds a flipped byte that find does not see, and names the file and the way out', async () => {
  const store = openStore(directory);
  const { file } = await writeTinyModel(directory, { name: 'coco/1' });
  expect((await store.verify('coco/1')).file).toBe(file);
  await damage(file);
  expect((await store.find('coco/1')).file).toBe(file);
  await expect(store.verify('coco/1')).rejects.toMatchObject({
    code: 'ERR_MODEL_CORRUPT',
    message: expect.stringContaining(file),
    hint: expect.stringContaining('install it again'),
  });
});

test('installing again replaces the model and leaves nothing behind', async () => {
  const before = await writeTinyModel(directory, { labels: ['person'] });
  const after = await writeTinyModel(directory, { labels: ['person', 'car', 'dog'] });
  expect(after.manifest.sha256).not.toBe(before.manifest.sha256);
  expect((await openStore(directory).verify('tiny/1')).manifest.labels).toEqual(['person', 'car', 'dog']);
  expect(await readdir(join(directory, '.staging'))).toEqual([]);
});

test('a file that is not the one of the manifest is not installed, and the model before it stays', async () => {
  const store = openStore(directory);
  const { manifest } = await writeTinyModel(directory);
  const other = join(directory, 'other.onnx');
  await writeFile(other, 'something else');
  await expect(store.install(manifest, other)).rejects.toMatchObject({ code: 'ERR_MODEL_HASH' });
  await expect(store.install({ ...manifest, name: 'new/1' }, other)).rejects.toMatchObject({ code: 'ERR_MODEL_HASH' });
  expect((await store.list()).models.map((model) => model.ref)).toEqual(['tiny/1']);
  expect((await store.verify('tiny/1')).manifest).toEqual(manifest);
  expect(await readdir(store.staging)).toEqual([]);
});

test('readers never see half a model while writers replace it', async () => {
  const store = openStore(directory);
  await writeTinyModel(directory);
  const writers = [['a'], ['a', 'b'], ['a', 'b', 'c'], ['a', 'b', 'c', 'd']].map(async (labels) => {
    for (let round = 0; round < 10; round += 1) await writeTinyModel(directory, { labels });
  });
  let writing = true;
  const written = Promise.allSettled(writers).then((results) => {
    writing = false;
    return results;
  });
  let reads = 0;
  const broken: unknown[] = [];
  while (writing) {
    broken.push(...(await store.list()).broken);
    reads += 1;
  }
  expect((await written).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'fulfilled']);
  expect(broken).toEqual([]);
  expect(reads).toBeGreaterThan(0);
  await expect(store.verify('tiny/1')).resolves.toMatchObject({ ref: 'tiny/1' });
});

test('what a crash left in the staging folder is no model, and is gone a week later', async () => {
  const store = openStore(directory);
  const { file, manifest } = await writeTinyModel(directory);
  const crashed = join(store.staging, 'install-crashed');
  const recent = join(store.staging, 'recent.part');
  await mkdir(crashed);
  await writeFile(recent, 'half a download');
  const longAgo = new Date(Date.now() - 8 * 24 * 3_600_000);
  await utimes(crashed, longAgo, longAgo);
  expect(await store.list()).toMatchObject({ models: [{ ref: 'tiny/1' }], broken: [] });
  await store.install(manifest, file);
  expect(await readdir(store.staging)).toEqual(['recent.part']);
});
