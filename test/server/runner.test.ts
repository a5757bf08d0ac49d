import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkRunner } from '../../src/server/runner/check-runner.ts';
import { HeaderReader } from '../../src/server/runner/framing.ts';
import { RunnerProcess } from '../../src/server/runner/runner-process.ts';
import { writeTinyModel } from '../helpers/tiny-model.ts';
import { installRunnerModel, RUNNER } from './runner-model.ts';
import { asFile, eventually, modelFolder, serverForTest } from './running-server.ts';

let jpeg: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
  // 64x32, black but for a white square from (16, 8) to (48, 24).
  const square = await sharp({ create: { width: 32, height: 16, channels: 3, background: 'white' } })
    .png()
    .toBuffer();
  jpeg = Uint8Array.from(
    await sharp({ create: { width: 64, height: 32, channels: 3, background: 'black' } })
      .composite([{ input: square, left: 16, top: 8 }])
      .png()
      .toBuffer(),
  );
});

async function serverWith(how: string) {
  const directory = await modelFolder();
  await installRunnerModel(directory);
  await writeTinyModel(directory);
  const runners = [{ name: 'fixture', command: [process.execPath, RUNNER, how] }];
  const server = await serverForTest({ directory, config: { runners } });
  await server.nextWorker();
  return server;
}

const signal = new AbortController().signal;
const check = async (how: string) =>
  checkRunner([process.execPath, RUNNER, how], await installRunnerModel(await modelFolder()), signal);

describe('a model of a runner', () => {
  test('answers like every other, through every API', async () => {
    const server = await serverWith('well');
    const { status, body } = await server.post('/stick/1', asFile(jpeg));
    expect([status, body.image]).toEqual([200, { width: 64, height: 32 }]);
    const near = (value: number) => expect.closeTo(value, -0.7);
    expect(body.predictions).toMatchObject([
      { class: 'car', class_id: 1, confidence: 0.9, x: near(32), y: near(16), width: near(32), height: near(16) },
    ]);
    expect((await server.get('/v2/models/stick')).body).toMatchObject({
      platform: 'framegate_runner',
      inputs: [{ name: 'image', datatype: 'BYTES', shape: [1] }],
    });
    const v2 = await server.post(
      '/v2/models/stick/infer',
      JSON.stringify({
        inputs: [{ name: 'image', shape: [1], datatype: 'BYTES', data: [Buffer.from(jpeg).toString('base64')] }],
      }),
    );
    expect(v2.body.outputs).toMatchObject([{ shape: [1, 6] }, { data: ['car'] }]);
    expect((await server.post('/tiny/1', asFile(jpeg))).status).toBe(200);
  });

  test('may have labels of the runner’s own', async () => {
    const server = await serverWith('labels');
    expect((await server.post('/stick/1', asFile(jpeg))).body.predictions).toMatchObject([
      { class: 'dog', class_id: 1 },
    ]);
  });

  test('whose runner crashes fails with its last words, and the runner is started again', async () => {
    const server = await serverWith('crashes');
    const { status, body } = await server.post('/stick/1', asFile(jpeg));
    expect([status, body.message]).toEqual([500, expect.stringContaining('the stick was pulled out')]);
    expect((await server.post('/tiny/1', asFile(jpeg))).status).toBe(200);
    await eventually(
      async () => server.logs.filter(({ message }) => message === 'runner ready').length > 1,
      'it is there again',
    );
    expect(await server.metric('framegate_serve_worker_failures_total')).toBeGreaterThan(0);
  });

  test('whose runner does not start is an error of that model alone, with the reason', async () => {
    const server = await serverWith('refuses');
    const failed = async () => (await server.get('/readiness')).body.failed?.['stick/1'];
    await eventually(async () => (await failed()) !== undefined, 'it is tried');
    expect(await failed()).toContain('no stick is plugged in');
    expect((await server.post('/tiny/1', asFile(jpeg))).status).toBe(200);
  });

  test('whose runner never gets ready does not hold up the stop', async () => {
    const directory = await modelFolder();
    await installRunnerModel(directory);
    const runners = [{ name: 'fixture', command: [process.execPath, '-e', 'setInterval(() => 0, 1000)'] }];
    const server = await serverForTest({ directory, config: { runners } });
    await server.nextWorker();
    expect((await server.get('/readiness')).status).toBe(503);
    await server.stop();
    await expect(server.get('/healthz')).rejects.toThrow();
  });

  test('whose runner is not configured says what to write', async () => {
    const directory = await modelFolder();
    await installRunnerModel(directory);
    const server = await serverForTest({ directory });
    await server.nextWorker();
    expect(await server.post('/stick/1', asFile(jpeg))).toMatchObject({
      status: 501,
      body: { message: expect.stringContaining('add {name: fixture, command: [...]} to serve.runners') },
    });
  });
});

describe('the check of a runner', () => {
  test('passes a good one', async () => {
    const checks = await check('well');
    expect(checks.map(({ name, ok }) => [name, ok])).toEqual(
      ['starts', 'labels', 'boxes', 'frames that are too short', 'speed', 'health', 'ends'].map((name) => [name, true]),
    );
    expect(checks[0]?.message).toMatch(/^fixture 1, ready after/);
  });

  test.each([
    ['refuses', 'starts', /cannot work: no stick is plugged in/],
    ['crashes', 'boxes', /closed the connection|ended/],
    ['raves', 'boxes', /sent|ended|connection/],
    ['nonsense', 'boxes', /box \[5, 5, 1, 1, 7, 99\] makes no sense/],
    ['ill', 'health', /is not well/],
    ['deaf', 'ends', /only when it is killed/],
  ])('finds one that %s', async (how, name, message) => {
    const failed = (await check(how)).filter(({ ok }) => !ok);
    expect(failed).toContainEqual(expect.objectContaining({ name, message: expect.stringMatching(message) }));
  });

  test('names a program that is not there', async () => {
    const model = await installRunnerModel(await modelFolder());
    const [first] = await checkRunner(['/nowhere/runner'], model, signal);
    expect(first).toMatchObject({ name: 'starts', ok: false, message: expect.stringContaining('ENOENT') });
  });
});

test('a runner that hangs over a frame is given up on, and its process is gone', async () => {
  const model = await installRunnerModel(await modelFolder());
  const deadlines = { readyMs: 20_000, answerMs: 300, healthMs: 60_000 };
  const life = new RunnerProcess([process.execPath, RUNNER, 'hangs'], model, deadlines);
  let ready: () => void = () => undefined;
  const isReady = new Promise<void>((resolve) => {
    ready = resolve;
  });
  const ended = life.run(signal, () => ready()).catch((error: unknown) => error);
  await isReady;
  await expect(life.detect(new Uint8Array(3 * 32 * 32))).rejects.toThrow('did not answer within 0.3 s');
  expect(await ended).toMatchObject({ code: 'ERR_WORKER_FAILED' });
});

test('headers come out of chunks of any size', () => {
  const reader = new HeaderReader();
  const text = Buffer.from('{"type":"boxes"}');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  const all = Buffer.concat([length, text, length, text]);
  const found = [...all].flatMap((byte) => [...reader.read(Uint8Array.of(byte))]);
  expect(found).toEqual([{ type: 'boxes' }, { type: 'boxes' }]);
  expect(() => [...reader.read(Buffer.from('HTTP/1.1 400'))]).toThrow('a header of 1213486160 bytes');
});
