import { createHash } from 'node:crypto';
import { open, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, expect, test } from 'vitest';
import { tinyModelBytes, writeTinyModel } from '../helpers/tiny-model.ts';
import { asFile, eventually, modelFolder, type RunningServer, serverForTest } from './running-server.ts';

let jpeg: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
  jpeg = Uint8Array.from(
    await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer(),
  );
});

const ask = (server: RunningServer, ref: string) => server.post(`/${ref}`, asFile(jpeg));
const errorsOf = (server: RunningServer) => server.logs.filter(({ level }) => level === 'error');

/** Puts other bytes into the place of a model file, with a manifest that agrees. */
async function replaceBytes(file: string, bytes: Uint8Array): Promise<void> {
  const path = join(dirname(file), 'manifest.json');
  const manifest = JSON.parse(await readFile(path, 'utf8'));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  await writeFile(file, bytes);
  await writeFile(path, JSON.stringify({ ...manifest, sha256, bytes: bytes.length }));
}

test('without a list every model of the store is served', async () => {
  const directory = await modelFolder();
  await writeTinyModel(directory, { name: 'one/1' });
  await writeTinyModel(directory, { name: 'two/1', labels: ['cat'] });
  const server = await serverForTest({ directory });
  await server.nextWorker();
  const { body } = await server.get('/model/registry');
  expect(body.models.map((model: { model_id: string }) => model.model_id)).toEqual(['one/1', 'two/1']);
  expect((await ask(server, 'two/1')).body.predictions).toMatchObject([{ class: 'cat' }]);
});

test('with a list the others are loaded when they are first asked', async () => {
  const directory = await modelFolder();
  await writeTinyModel(directory, { name: 'one/1' });
  await writeTinyModel(directory, { name: 'two/1' });
  const server = await serverForTest({ directory, config: { models: ['one/1'] } });
  await server.nextWorker();
  expect(await server.metric('framegate_serve_models_ready')).toBe(1);
  const answers = await Promise.all([ask(server, 'two/1'), ask(server, 'two/1'), ask(server, 'one/1')]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(
    server.logs.filter(({ message, fields }) => message === 'model loaded' && fields['model'] === 'two/1'),
  ).toHaveLength(1);
});

test('an empty store is not ready and says what to do; a model that is installed later is served', async () => {
  const directory = await modelFolder();
  const server = await serverForTest({ directory });
  await server.nextWorker();
  expect(server.logs).toContainEqual(
    expect.objectContaining({ level: 'warn', message: expect.stringContaining('framegate model build') }),
  );
  expect(await server.get('/readiness')).toMatchObject({ status: 503, body: { reason: 'the model store is empty' } });
  expect((await ask(server, 'tiny/1')).status).toBe(404);
  await writeTinyModel(directory);
  await eventually(async () => (await server.get('/readiness')).status === 200, 'ready');
  expect((await ask(server, 'tiny/1')).status).toBe(200);
});

test('a file that was damaged costs one line that names it, and the other models work', async () => {
  const directory = await modelFolder();
  await writeTinyModel(directory, { name: 'good/1' });
  const { file } = await writeTinyModel(directory, { name: 'bad/1' });
  const handle = await open(file, 'r+');
  await handle.write('x', 200);
  await handle.close();
  const server = await serverForTest({ directory });
  await server.nextWorker();
  expect((await ask(server, 'good/1')).status).toBe(200);
  const answers = [await ask(server, 'bad/1'), await ask(server, 'bad/1')];
  for (const { status, body } of answers) {
    expect([status, body.message]).toEqual([
      500,
      expect.stringMatching(/bad\/1.*model\.onnx.*SHA-256.*framegate model/),
    ]);
  }
  expect(errorsOf(server)).toEqual([
    expect.objectContaining({ fields: { model: 'bad/1' }, message: expect.stringContaining(file) }),
  ]);
  expect(await server.get('/readiness')).toMatchObject({
    status: 200,
    body: { status: 'ready', failed: { 'bad/1': expect.stringContaining(file) } },
  });
});

test('a file that is no model at all is an error of that model alone', async () => {
  const directory = await modelFolder();
  const { file } = await writeTinyModel(directory, { name: 'bad/1' });
  await replaceBytes(file, Buffer.from('<html>404 Not Found</html>'));
  const server = await serverForTest({ directory });
  await server.nextWorker();
  expect(await ask(server, 'bad/1')).toMatchObject({
    status: 500,
    body: { message: expect.stringMatching(/model bad\/1 cannot be loaded: .*framegate model verify/) },
  });
  expect(await server.get('/readiness')).toMatchObject({ status: 503, body: { reason: 'no model can be loaded' } });
  expect(errorsOf(server)).toHaveLength(1);
});

test('a model that does not fit its manifest is found when it is loaded, not by the first frame', async () => {
  const directory = await modelFolder();
  const { file } = await writeTinyModel(directory, { name: 'bad/1', labels: ['person', 'car'] });
  await replaceBytes(file, tinyModelBytes(3, []));
  const server = await serverForTest({ directory });
  await server.nextWorker();
  expect(await ask(server, 'bad/1')).toMatchObject({
    status: 501,
    body: { message: expect.stringContaining('expected one output [1, 21, 7], got output [1, 21, 8]') },
  });
});

test('a model of the list that is not installed is one line with the way out, and is served once it is there', async () => {
  const directory = await modelFolder();
  const server = await serverForTest({ directory, config: { models: ['tiny/1'] } });
  await server.nextWorker();
  expect(errorsOf(server).map(({ message }) => message)).toEqual([
    expect.stringMatching(/no model tiny\/1 .*framegate model/),
  ]);
  await writeTinyModel(directory);
  expect((await ask(server, 'tiny/1')).status).toBe(200);
});
