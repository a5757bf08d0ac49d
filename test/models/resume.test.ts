import { readFile, writeFile } from 'node:fs/promises';
import { beforeEach, expect, test } from 'vitest';
import { pullModel } from '../../src/models/pull.ts';
import type { ModelStore } from '../../src/models/store.ts';
import {
  ETAG,
  emptyStore,
  FILE,
  good,
  MANIFEST,
  partOf,
  SOME,
  serve,
  staged,
  stalls,
  status,
} from '../helpers/model-server.ts';

const REST = `bytes=${SOME}-`;

let store: ModelStore;

beforeEach(async () => {
  store = await emptyStore();
});

function pull(source: string, more: Partial<Parameters<typeof pullModel>[0]> = {}) {
  return pullModel({ manifest: { ...MANIFEST, source }, store, signal: new AbortController().signal, ...more });
}

/** Pulls from a server that stalls and then hangs up. */
async function pullSome(server: { readonly url: string; readonly hangUp: () => void }): Promise<void> {
  const attempt = pull(server.url, { onProgress: (done) => done === SOME && server.hangUp() });
  await expect(attempt).rejects.toMatchObject({
    code: 'ERR_MODEL_DOWNLOAD',
    message: expect.stringContaining(`download of ${server.url} failed: `),
    hint: 'run the command again to go on where it stopped',
    retryable: true,
  });
}

test('after a broken connection the next attempt asks only for the rest', async () => {
  const server = await serve(stalls(), good());
  await pullSome(server);
  expect((await store.list()).models).toEqual([]);
  await pull(server.url);
  expect(server.requests[1]!.headers).toMatchObject({ range: REST, 'if-range': ETAG });
  expect((await readFile((await store.find('site/1')).file)).equals(FILE)).toBe(true);
  expect(await staged(store)).toEqual([]);
});

const DATE = 'Thu, 01 Jan 2026 00:00:00 GMT';

test.each<[string, Record<string, string>, string | undefined]>([
  ['its date when there is only a weak ETag', { etag: 'W/"v1"', 'last-modified': DATE }, DATE],
  ['nothing when the server tells nothing', {}, undefined],
])('the rest is asked for on condition of %s', async (_, headers, condition) => {
  const server = await serve(stalls(headers), good(FILE, condition));
  await pullSome(server);
  await pull(server.url);
  expect(server.requests[1]!.headers.range).toBe(REST);
  expect(server.requests[1]!.headers['if-range']).toBe(condition);
});

test('a server that does not know ranges sends all again', async () => {
  const server = await serve(stalls(), (_, response) => response.writeHead(200).end(FILE));
  await pullSome(server);
  const model = await pull(server.url);
  expect((await readFile(model.file)).equals(FILE)).toBe(true);
});

test('a file that changed on the server is not glued to the old part', async () => {
  const server = await serve(stalls({ etag: '"v0"' }, Buffer.alloc(FILE.length, 7)), good());
  await pullSome(server);
  const model = await pull(server.url);
  expect(server.requests[1]!.headers['if-range']).toBe('"v0"');
  expect((await readFile(model.file)).equals(FILE)).toBe(true);
});

test('a page that answers in place of the file is recognised by its size, and the part is kept', async () => {
  const server = await serve(stalls(), status(200, { 'content-length': '18' }), good());
  const { url, requests } = server;
  await pullSome(server);
  await expect(pull(url)).rejects.toMatchObject({
    code: 'ERR_MODEL_HASH',
    message: `${url} is not the expected file: it has 18 bytes instead of ${FILE.length}`,
  });
  await pull(url);
  expect(requests[2]!.headers.range).toBe(REST);
});

test('an answer that goes on at another place is refused', async () => {
  const elsewhere = { 'content-range': `bytes 7-${FILE.length - 1}/${FILE.length}` };
  const server = await serve(stalls(), status(206, elsewhere), good());
  await pullSome(server);
  await expect(pull(server.url)).rejects.toMatchObject({
    code: 'ERR_MODEL_DOWNLOAD',
    message: expect.stringContaining('another part of the file'),
  });
  await pull(server.url);
  expect(server.requests[2]!.headers.range).toBe(REST);
});

test('a body that is only ended by the connection may go on another time', async () => {
  const { url } = await serve((request) => {
    request.socket.end(Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), FILE.subarray(0, SOME)]));
  }, good());
  await expect(pull(url)).rejects.toMatchObject({
    code: 'ERR_MODEL_DOWNLOAD',
    message: `download of ${url} failed: the connection ended early`,
  });
  const model = await pull(url);
  expect((await readFile(model.file)).equals(FILE)).toBe(true);
});

test('a server that goes silent is given up on, and what came is kept', async () => {
  const { url, requests } = await serve(stalls(), good());
  await expect(pull(url, { stallMs: 300 })).rejects.toMatchObject({
    code: 'ERR_MODEL_DOWNLOAD',
    message: `download of ${url} failed: the server sent nothing for 0.3 s`,
  });
  await pull(url);
  expect(requests[1]!.headers.range).toBe(REST);
});

test('an abort ends it at once and keeps what came', async () => {
  const { url, requests } = await serve(stalls(), good());
  const controller = new AbortController();
  const attempt = pull(url, { signal: controller.signal, onProgress: (done) => done === SOME && controller.abort() });
  await expect(attempt).rejects.toMatchObject({
    code: 'ERR_MODEL_DOWNLOAD',
    message: expect.stringContaining('interrupted'),
  });
  await pull(url);
  expect(requests[1]!.headers.range).toBe(REST);
});

test('a part that the server finds too long is dropped', async () => {
  const server = await serve(stalls(), status(416), good());
  const { url, requests } = server;
  await pullSome(server);
  await expect(pull(url)).rejects.toMatchObject({ code: 'ERR_MODEL_DOWNLOAD', retryable: true });
  await pull(url);
  expect(requests[2]!.headers.range).toBeUndefined();
});

test('a part that is longer than the model is dropped without asking', async () => {
  const server = await serve(stalls(), good());
  const { url, requests } = server;
  await pullSome(server);
  await writeFile(partOf(store), Buffer.alloc(FILE.length + 1));
  await pull(url);
  expect(requests[1]!.headers.range).toBeUndefined();
});

test('redirects are followed, with the range, and their address is not told', async () => {
  const target = await serve(stalls(), good());
  const { url } = await serve(status(302, { location: `${target.url}/signed?key=hidden` }));
  const error = await pull(url, { onProgress: target.hangUp }).catch((caught: Error) => caught);
  expect(error).toMatchObject({ code: 'ERR_MODEL_DOWNLOAD', message: expect.not.stringContaining('hidden') });
  await pull(url);
  expect(target.requests[1]!.url).toBe('/signed?key=hidden');
  expect(target.requests[1]!.headers.range).toMatch(/^bytes=[1-9]\d*-$/);
});
