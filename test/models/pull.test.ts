import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { pullModel } from '../../src/models/pull.ts';
import type { ModelStore } from '../../src/models/store.ts';
import { emptyStore, FILE, good, MANIFEST, serve, staged, status } from '../helpers/model-server.ts';
import { writeTinyModel } from '../helpers/tiny-model.ts';

let store: ModelStore;

beforeEach(async () => {
  store = await emptyStore();
});

function pull(source: string, more: Partial<Parameters<typeof pullModel>[0]> = {}) {
  return pullModel({ manifest: { ...MANIFEST, source }, store, signal: new AbortController().signal, ...more });
}

test('a download is installed, byte for byte, and leaves nothing else behind', async () => {
  const { url } = await serve(good());
  const seen: Array<[number, number]> = [];
  const model = await pull(`${url}/model.onnx`, { onProgress: (...progress) => seen.push(progress) });
  expect(model).toMatchObject({ ref: 'site/1', manifest: { source: `${url}/model.onnx` } });
  expect((await readFile(model.file)).equals(FILE)).toBe(true);
  expect(await store.verify('site/1')).toEqual(model);
  expect(seen.at(-1)).toEqual([FILE.length, FILE.length]);
  expect(await staged(store)).toEqual([]);
});

test('a model that is there and whole is not downloaded again, a damaged one is', async () => {
  const { url, requests } = await serve(good());
  const { file } = await pull(url);
  await pull(url);
  expect(requests).toHaveLength(1);
  const damaged = Buffer.from(FILE);
  damaged[1000]! ^= 1;
  await writeFile(file, damaged);
  await pull(url);
  expect(requests).toHaveLength(2);
  await expect(store.verify('site/1')).resolves.toMatchObject({ ref: 'site/1' });
});

test('a new description of the same file is taken over without a download', async () => {
  const { url, requests } = await serve(good());
  const { manifest } = await pull(url);
  await pull(url, { manifest: { ...manifest, labels: ['cat'] } });
  expect(requests).toHaveLength(1);
  expect((await store.verify('site/1')).manifest.labels).toEqual(['cat']);
});

test('a file with the right size and the wrong content is deleted and never installed', async () => {
  const { url, requests } = await serve(good(Buffer.alloc(FILE.length, 7)), good());
  await expect(pull(url)).rejects.toMatchObject({
    code: 'ERR_MODEL_HASH',
    message: expect.stringMatching(/127\.0\.0\.1.*SHA-256 is not [0-9a-f]{64}$/),
  });
  expect(await staged(store)).toEqual([]);
  expect((await store.list()).models).toEqual([]);
  await pull(url);
  expect(requests[1]!.headers.range).toBeUndefined();
});

test('a server that hangs up right behind a small file is no problem', async () => {
  const small = FILE.subarray(0, 70_000);
  const { url } = await serve((request) => {
    const head = `HTTP/1.1 200 OK\r\nContent-Length: ${small.length}\r\nConnection: close\r\n\r\n`;
    request.socket.end(Buffer.concat([Buffer.from(head), small]));
  });
  const sha256 = createHash('sha256').update(small).digest('hex');
  const model = await pull(url, { manifest: { ...MANIFEST, source: url, bytes: small.length, sha256 } });
  expect((await readFile(model.file)).equals(small)).toBe(true);
});

test('a page that does not tell its size is recognised when it ends', async () => {
  const { url } = await serve(status(200), good());
  await expect(pull(url)).rejects.toMatchObject({
    code: 'ERR_MODEL_HASH',
    message: expect.stringContaining('18 bytes'),
  });
  expect(await staged(store)).toEqual([]);
});

test('a body without end is cut off at the size of the model', async () => {
  const { url } = await serve((_, response) => {
    const send = () => {
      if (!response.destroyed) response.write(FILE, send);
    };
    send();
  });
  let most = 0;
  const attempt = pull(url, {
    onProgress: (done) => {
      most = Math.max(most, done);
    },
  });
  await expect(attempt).rejects.toMatchObject({
    code: 'ERR_MODEL_HASH',
    message: expect.stringContaining('more than'),
  });
  expect(most).toBeLessThanOrEqual(FILE.length);
  expect(await staged(store)).toEqual([]);
});

test('a server that never answers is given up on', async () => {
  const { url } = await serve(() => undefined);
  await expect(pull(url, { stallMs: 300 })).rejects.toMatchObject({
    message: expect.stringContaining('sent nothing for 0.3 s'),
  });
});

test.each([
  [404, false],
  [403, false],
  [503, true],
])('status %d says so; worth another try: %s', async (code, retryable) => {
  const { url } = await serve(status(code));
  await expect(pull(url)).rejects.toMatchObject({
    code: 'ERR_MODEL_DOWNLOAD',
    message: `download of ${url} failed: the server answered ${code}`,
    retryable,
  });
});

test('redirects without end are given up on', async () => {
  const { url, requests } = await serve((request, response) => {
    response.writeHead(302, { location: `${request.url}x` }).end();
  });
  await expect(pull(url)).rejects.toMatchObject({
    code: 'ERR_MODEL_DOWNLOAD',
    message: `download of ${url} failed: more than 5 redirects`,
    retryable: false,
  });
  expect(requests).toHaveLength(6);
});

test('the proxy of the environment is used', async () => {
  const { port } = await serve(good());
  const proxy = createServer().on('connect', (_request, client: Socket) => {
    const server = connect(port, '127.0.0.1', () => client.write('HTTP/1.1 200 OK\r\n\r\n'));
    client.pipe(server).pipe(client);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  vi.stubEnv('http_proxy', `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
  const model = await pull('http://models.invalid/model.onnx');
  expect((await readFile(model.file)).equals(FILE)).toBe(true);
});

test('a proxy setting that is no address is reported', async () => {
  vi.stubEnv('http_proxy', 'http://:bad:');
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  await expect(pull('http://models.invalid/model.onnx')).rejects.toMatchObject({ code: 'ERR_MODEL_DOWNLOAD' });
});

test('what follows the question mark of the address is not told', async () => {
  const { url } = await serve(status(404));
  await expect(pull(`${url}/model.onnx?key=secret`)).rejects.toMatchObject({
    message: `download of ${url}/model.onnx failed: the server answered 404`,
  });
});

test.each(['127.0.0.1', 'localhost'])('a server on %s that is not there is named', async (host) => {
  await expect(pull(`http://${host}:9/model.onnx`)).rejects.toMatchObject({
    code: 'ERR_MODEL_DOWNLOAD',
    message: `download of http://${host}:9/model.onnx failed: cannot reach ${host}:9 (ECONNREFUSED)`,
    hint: expect.stringContaining('check the network'),
  });
});

test('a model that is built here cannot be pulled', async () => {
  await expect(pull('npm:@vladmandic/human@3.3.6')).rejects.toMatchObject({
    code: 'ERR_USAGE',
    hint: expect.stringContaining('build'),
  });
});

test('a new version of a model takes the place of the old one', async () => {
  await writeTinyModel(store.directory, { name: 'site/1' });
  const { url } = await serve(good());
  const model = await pull(url);
  expect(await store.verify('site/1')).toEqual(model);
});
