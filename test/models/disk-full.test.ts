import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { buildCoco } from '../../src/models/build-coco.ts';
import { findEntry, loadCatalogue } from '../../src/models/catalogue.ts';
import { pullModel } from '../../src/models/pull.ts';
import { openStore } from '../../src/models/store.ts';

const run = promisify(execFile);

let directory: string;
let mounted = false;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'framegate-full-'));
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'framegate-test', directory]);
    mounted = true;
  } catch (error) {
    console.log(
      `skipped: no small filesystem to fill up, mounting one is not permitted (${(error as Error).message.trim()})`,
    );
  }
});

afterAll(async () => {
  if (mounted) await run('umount', [directory]);
  await rm(directory, { recursive: true });
});

test('a full disk is named, and the download goes on when there is space again', async (context) => {
  if (!mounted) context.skip();
  const file = Buffer.from(Uint8Array.from({ length: 2_000_000 }, (_, i) => (i * i) % 251));
  const asked: Array<string | undefined> = [];
  const server = createServer((request, response) => {
    asked.push(request.headers.range);
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.writeHead(start > 0 ? 206 : 200, { 'content-range': `bytes ${start}-${file.length - 1}/${file.length}` });
    response.end(file.subarray(start));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.close();
  });
  const entry = findEntry(await loadCatalogue(), 'yolox-nano');
  if (entry.kind !== 'download') expect.unreachable();
  const source = `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.onnx`;
  const sha256 = createHash('sha256').update(file).digest('hex');
  const manifest = { ...entry.manifest, source, sha256, bytes: file.length };
  const store = openStore(directory);
  const { signal } = new AbortController();

  await expect(pullModel({ manifest, store, signal })).rejects.toMatchObject({
    code: 'ERR_DISK_FULL',
    message: `no space left for ${join(store.staging, sha256)}.part`,
    hint: expect.stringContaining('free some space'),
  });
  expect((await store.list()).models).toEqual([]);
  await run('mount', ['-o', 'remount,size=8m', directory]);
  const model = await pullModel({ manifest, store, signal });
  expect((await readFile(model.file)).equals(file)).toBe(true);
  expect(asked[0]).toBeUndefined();
  expect(asked[1]).toMatch(/^bytes=[1-9]\d*-$/);
  await rm(join(directory, 'yolox-nano'), { recursive: true });
});

test('a build on a full disk is named and leaves nothing behind', async (context) => {
  if (!mounted) context.skip();
  await run('mount', ['-o', 'remount,size=1m', directory]);
  const store = openStore(directory);
  await expect(buildCoco({ store, signal: new AbortController().signal })).rejects.toMatchObject({
    code: 'ERR_DISK_FULL',
  });
  expect(await store.list()).toEqual({ models: [], broken: [] });
  const { stdout } = await run('du', ['-s', '--apparent-size', '--block-size=1', store.staging]);
  expect(Number.parseInt(stdout, 10)).toBeLessThan(10_000);
});
