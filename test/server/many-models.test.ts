import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { DEADLINE_HEADER } from '../../src/inference/protocol.ts';
import { writeTinyModel } from '../helpers/tiny-model.ts';
import { asFile, eventually, modelFolder, type RunningServer, serverForTest } from './running-server.ts';

let jpeg: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
  jpeg = Uint8Array.from(
    await sharp({ create: { width: 64, height: 64, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer(),
  );
});

const ask = (server: RunningServer, ref: string, headers = {}) => server.post(`/${ref}`, asFile(jpeg), headers);
const loaded = async (server: RunningServer): Promise<string[]> =>
  (await server.get('/model/registry')).body.models.map((model: { model_id: string }) => model.model_id);
const manage = (server: RunningServer, what: string, ref?: string) =>
  server.post(`/model/${what}`, JSON.stringify({ model_id: ref }), { 'content-type': 'application/json' });
const freeze = (pid: number) => process.kill(pid, 'SIGSTOP');
const thaw = (pid: number) => process.kill(pid, 'SIGCONT');

describe('models come and go without a restart', () => {
  test('remove unloads, a request or add loads again, clear unloads all', async () => {
    const directory = await modelFolder();
    await writeTinyModel(directory, { name: 'one/1' });
    await writeTinyModel(directory, { name: 'two/1' });
    const server = await serverForTest({ directory });
    await server.nextWorker();
    expect(await loaded(server)).toEqual(['one/1', 'two/1']);
    const { status, body } = await manage(server, 'remove', 'one/1');
    expect([status, body.models]).toEqual([200, [expect.objectContaining({ model_id: 'two/1' })]]);
    const cold = await ask(server, 'one/1');
    expect([cold.status, cold.headers.get('x-model-cold-start')]).toEqual([200, 'true']);
    const warm = await ask(server, 'one/1');
    expect([warm.headers.get('x-model-cold-start'), warm.headers.get('x-model-id')]).toEqual(['false', 'one/1']);
    expect((await manage(server, 'clear')).body.models).toEqual([]);
    expect((await manage(server, 'add', 'two/1')).body.models).toMatchObject([{ model_id: 'two/1' }]);
    expect((await server.get('/start/one/1')).status).toBe(200);
    expect(await loaded(server)).toEqual(['two/1', 'one/1']);
    for (const what of ['add', 'remove']) expect((await manage(server, what, 'none/1')).status).toBe(404);
    expect((await server.post('/model/add', '{}')).status).toBe(422);
  });

  test('a file that was replaced is taken over, and a request under way keeps the one it began with', async () => {
    const directory = await modelFolder();
    await writeTinyModel(directory, { labels: ['old'] });
    const server = await serverForTest({ directory });
    const pid = await server.nextWorker();
    freeze(pid);
    const running = ask(server, 'tiny/1');
    await eventually(
      async () => (await server.metric('framegate_serve_requests_total{route="/metrics",code="200"}')) > 1,
      'it is in',
    );
    await writeTinyModel(directory, { labels: ['new'] });
    thaw(pid);
    expect((await running).body.predictions).toMatchObject([{ class: 'old' }]);
    await eventually(
      async () => (await ask(server, 'tiny/1')).body.predictions[0].class === 'new',
      'the new one answers',
    );
  });
});

describe('the memory for models', () => {
  const ballast = 12 * 1024 ** 2;

  test('the model that was asked longest ago gives way, and comes back when it is asked', async () => {
    const directory = await modelFolder();
    for (const name of ['a/1', 'b/1', 'c/1']) await writeTinyModel(directory, { name, ballast });
    const server = await serverForTest({ directory, config: { memory: 40 * 1024 ** 2, models: ['a/1', 'b/1'] } });
    await server.nextWorker();
    expect((await ask(server, 'b/1')).status).toBe(200);
    expect((await ask(server, 'a/1')).status).toBe(200);
    expect((await ask(server, 'c/1')).status).toBe(200);
    expect(await loaded(server)).not.toContain('b/1');
    expect(await server.metric('framegate_serve_models_evicted_total')).toBeGreaterThan(0);
    expect((await ask(server, 'b/1')).status).toBe(200);
    expect(await loaded(server)).toContain('b/1');
  });

  test('a model that can never fit is a 507 that says what to change', async () => {
    const directory = await modelFolder();
    await writeTinyModel(directory, { name: 'big/1', ballast: 20 * 1024 ** 2 });
    await writeTinyModel(directory, { name: 'small/1' });
    const server = await serverForTest({ directory, config: { memory: 16 * 1024 ** 2, models: ['small/1'] } });
    await server.nextWorker();
    expect(await ask(server, 'big/1')).toMatchObject({
      status: 507,
      body: { message: expect.stringContaining('serve.memory') },
    });
    expect((await ask(server, 'small/1')).status).toBe(200);
  });
});

describe('many requests', () => {
  test('those that wait for one model are run together, each with its own options and answer', async () => {
    const directory = await modelFolder();
    await writeTinyModel(directory, { hasBatchAxis: true });
    const server = await serverForTest({ directory });
    const pid = await server.nextWorker();
    expect((await server.get('/model/registry')).body.models).toMatchObject([{ batch_size: null }]);
    freeze(pid);
    const requests = Array.from({ length: 12 }, (_, i) =>
      server.post(`/tiny/1?confidence=${i % 2 === 0 ? 0.5 : 0.95}`, i === 7 ? new FormData() : asFile(jpeg)),
    );
    const broken = server.post('/tiny/1', asFile(jpeg.slice(0, jpeg.length - 40)));
    await eventually(async () => (await server.metric('framegate_serve_queue_length')) === 10, 'ten wait');
    thaw(pid);
    const answers = await Promise.all(requests);
    expect(answers.map(({ body }) => body.predictions?.length)).toEqual([1, 0, 1, 0, 1, 0, 1, undefined, 1, 0, 1, 0]);
    expect((await broken).body.message).toContain('cannot be decoded');
    expect(await server.metric('framegate_serve_inference_duration_seconds_count{model="tiny/1"}')).toBe(11);
    // Two went in one by one, ten waited: more than one run of eight could only be by mistake.
    expect(await server.metric('framegate_serve_batch_size_count')).toBeLessThan(8);
  });

  test('are shared out to all workers, and the death of one fails only what it had', async () => {
    const directory = await modelFolder();
    await writeTinyModel(directory);
    const server = await serverForTest({ directory, config: { workers: 2 } });
    const pid = await server.nextWorker();
    await eventually(async () => (await server.metric('framegate_serve_workers_up')) === 2, 'both are up');
    process.kill(pid, 'SIGKILL');
    const answers = await Promise.all(Array.from({ length: 6 }, () => ask(server, 'tiny/1')));
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(4);
    expect((await server.get('/healthz')).status).toBe(200);
    await eventually(async () => (await ask(server, 'tiny/1')).status === 200, 'it goes on');
  });

  test('one whose deadline passes before its turn is a 504, and is not begun', async () => {
    const directory = await modelFolder();
    await writeTinyModel(directory);
    const server = await serverForTest({ directory });
    const pid = await server.nextWorker();
    freeze(pid);
    const first = [ask(server, 'tiny/1'), ask(server, 'tiny/1')];
    await eventually(async () => (await server.metric('framegate_serve_queue_length')) === 0, 'they are in');
    const late = await ask(server, 'tiny/1', { [DEADLINE_HEADER]: '200' });
    expect([late.status, late.body.message]).toEqual([504, expect.stringContaining('before the deadline')]);
    thaw(pid);
    expect((await Promise.all(first)).map(({ status }) => status)).toEqual([200, 200]);
    expect(await server.metric('framegate_serve_dropped_total{reason="deadline"}')).toBe(1);
    expect((await ask(server, 'tiny/1', { [DEADLINE_HEADER]: 'soon' })).status).toBe(422);
  });
});

describe('pictures that are answered', () => {
  test('format=image is a JPEG with the box drawn in, image_and_json has both', async () => {
    const directory = await modelFolder();
    await writeTinyModel(directory);
    const server = await serverForTest({ directory });
    await server.nextWorker();
    const response = await fetch(`${server.url}/tiny/1?format=image&stroke=4`, { method: 'POST', body: asFile(jpeg) });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    const { data, info } = await sharp(Buffer.from(await response.arrayBuffer()))
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([64, 64]);
    const pixel = (x: number, y: number) => [...data.subarray((y * 64 + x) * 3, (y * 64 + x) * 3 + 3)];
    // The box is 16..48 in both directions; red remains around it and within.
    expect(pixel(5, 5)[0]).toBeGreaterThan(200);
    expect(pixel(32, 32)[0]).toBeGreaterThan(200);
    expect(pixel(32, 17)).not.toEqual(pixel(32, 32));
    const { body } = await server.post('/tiny/1?format=image_and_json&labels=true', asFile(jpeg));
    expect(body.predictions).toHaveLength(1);
    expect((await sharp(Buffer.from(body.visualization, 'base64')).metadata()).format).toBe('jpeg');
    const request = {
      model_id: 'tiny/1',
      image: { type: 'base64', value: Buffer.from(jpeg).toString('base64') },
      visualize_predictions: true,
    };
    const v1 = await server.post('/infer/object_detection', JSON.stringify(request));
    expect((await sharp(Buffer.from(v1.body.visualization, 'base64')).metadata()).width).toBe(64);
  });
});

test('a provider that is not there is left out with one warning that says what is used instead', async () => {
  const directory = await modelFolder();
  await writeTinyModel(directory);
  const server = await serverForTest({ directory, config: { providers: ['openvino', 'cuda', 'cpu'] } });
  await server.nextWorker();
  expect((await ask(server, 'tiny/1')).status).toBe(200);
  expect(server.logs.filter(({ level }) => level === 'warn')).toEqual([
    expect.objectContaining({
      message: expect.stringMatching(/openvino is not in this build .*cuda cannot be used .*: cpu is used instead/s),
    }),
  ]);
});
