/**
 * `framegate run` as a process, against cameras, a broker and a model service that misbehave.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { openRtspCamera, type RtspCamera } from '../../src/demo/rtsp-camera/rtsp-camera.ts';
import type { GatewayStatus } from '../../src/gateway-status.ts';
import { jpegSize } from '../../src/inference/jpeg-size.ts';
import { Broker } from '../helpers/broker.ts';
import { type Clip, makeClip } from '../helpers/clips.ts';
import { forTest } from '../helpers/for-test.ts';
import { openSite } from '../helpers/gateway-site.ts';
import { detections, InferenceServer, json, raw, silence } from '../helpers/inference-server.ts';
import { freePort, type RunningProcess } from '../helpers/processes.ts';
import { until } from '../helpers/until.ts';

const PERSON = { x: 160, y: 120, width: 60, height: 120, confidence: 0.9, class: 'person' };

let clip: Clip;
let broker: Broker;
let inference: InferenceServer;

beforeEach(async () => {
  // Something moves for 60 s after 3 s of rest.
  clip = await makeClip({ seconds: 63, fps: 10, gop: 10, motion: [[3, 63]] });
  broker = await forTest(Broker.start());
  inference = await forTest(InferenceServer.start(detections([PERSON])));
});

const openCamera = (): Promise<RtspCamera> =>
  forTest(openRtspCamera({ file: clip.file, codec: 'h264', fps: clip.fps }));

interface Gateway extends RunningProcess {
  /** Changes the config, as an editor does. */
  configure(cameras: Record<string, unknown>, overrides?: Record<string, unknown>): Promise<void>;
  readonly file: string;
  readonly url: string;
  status(): Promise<GatewayStatus>;
  /** Lines of the log that are about this camera. */
  about(camera: string): string[];
}

async function startGateway(
  cameras: Record<string, unknown>,
  overrides: Record<string, unknown> = {},
): Promise<Gateway> {
  const config = (next: Record<string, unknown>, changed: Record<string, unknown>) => ({
    mqtt: { url: broker.url },
    inference: { url: inference.url, deadline: '3s' },
    ...changed,
    cameras: next,
  });
  const { configure, file, url, status, start } = await openSite(config(cameras, overrides));
  const gateway = start();
  return Object.assign(gateway, {
    ...{ file, url, status },
    configure: (next: Record<string, unknown>, changed: Record<string, unknown> = {}) =>
      configure(config(next, changed)),
    about: (camera: string) => gateway.lines.filter((line) => line.includes(`"camera":"${camera}"`)),
  });
}

const verdicts = (camera: string) => broker.on(`framegate/site/${camera}/detections`).map((text) => JSON.parse(text));
const events = (camera: string) => broker.on(`framegate/site/${camera}/events`).map((text) => JSON.parse(text));

async function accounts(gateway: Gateway, id: string) {
  const { cameras, outbox } = await gateway.status();
  const camera = cameras[id];
  if (!camera) throw new Error(`no camera ${id}`);
  const { triggered, answered, unknown, inFlight } = camera.inference;
  expect(triggered).toBe(answered + unknown + inFlight);
  const discarded = Object.values(outbox.discarded).reduce((sum, count) => sum + count, 0);
  expect(outbox.appended).toBe(outbox.acknowledged + outbox.pending + discarded);
  return camera;
}

test('motion opens an event with a snapshot, and the end of the gateway closes it', async () => {
  const camera = await openCamera();
  const gateway = await startGateway({ front: { url: camera.url } });
  await until(() => events('front').length > 0, 'an event', 30_000);
  const [first] = events('front');
  expect(first).toMatchObject({ type: 'new', label: 'person', score: 0.9, verdict: 'ok', model: 'coco/1' });
  const topics = broker.received.map(({ topic }) => topic);
  expect(topics.indexOf('framegate/site/front/snapshot')).toBeLessThan(topics.indexOf('framegate/site/front/events'));
  expect(topics).toContain('framegate/site/front/snapshot');
  expect(broker.retained.get('framegate/site/front/person')).toBe('ON');
  expect(broker.retained.get('framegate/site/front/motion')).toBe('ON');
  expect(broker.retained.get('framegate/site/status')).toBe('online');
  const camera1 = await accounts(gateway, 'front');
  expect(camera1.frames.sent).toBeLessThan(camera1.frames.seen);
  expect(await gateway.end('SIGTERM'), gateway.lines.join('\n')).toBe(0);
  expect(events('front').at(-1)).toMatchObject({ type: 'end', id: first.id });
  expect(broker.retained.get('framegate/site/status')).toBe('offline');
  expect(broker.retained.get('framegate/site/front/person')).toBe('OFF');
  expect(broker.retained.get('framegate/site/front/availability')).toBe('offline');
});

test('bad cameras get a line each that says what to do, and a good one works beside them', async () => {
  const [good, locked, missing, hung] = [
    await openCamera(),
    await openCamera(),
    await openCamera(),
    await openCamera(),
  ];
  locked.faults.respond(401);
  missing.faults.respond(404);
  hung.faults.hangOnConnect = true;
  const decode = { stallTimeout: '2s' };
  const gateway = await startGateway({
    good: { url: good.url },
    locked: { url: locked.url.replace('//', '//user:s3cret%25@') },
    missing: { url: missing.url },
    hung: { url: hung.url, decode },
    refused: { url: `rtsp://127.0.0.1:${await freePort()}/stream` },
    web: { url: inference.url.replace('http', 'rtsp') },
  });
  const expected: Record<string, RegExp> = {
    locked: /refuses the user name or password.*correct them/,
    missing: /no stream of this name.*correct the path/,
    hung: /sends nothing.*check/,
    refused: /nothing listens.*check host and port/,
    web: /no RTSP camera|hangs up/,
  };
  for (const [id, pattern] of Object.entries(expected)) {
    await until(
      () => gateway.about(id).some((line) => pattern.test(line)),
      `${id}: ${pattern}\n${gateway.about(id).join('\n')}`,
      20_000,
    );
  }
  await until(() => events('good').length > 0, 'an event of the good camera', 30_000);
  const { cameras } = await gateway.status();
  expect(
    Object.entries(cameras)
      .map(([id, { state }]) => `${id} ${state}`)
      .sort(),
  ).toEqual(['good online', 'hung offline', 'locked offline', 'missing offline', 'refused offline', 'web offline']);
  expect(JSON.stringify([cameras, gateway.lines, broker.received.map(({ text }) => text)])).not.toContain('s3cret');
  expect(broker.retained.get('framegate/site/locked/availability')).toBe('offline');
});

test('without an ffmpeg that runs, the cameras say so and the rest goes on', async () => {
  const camera = await openCamera();
  const gateway = await startGateway({ front: { url: camera.url } }, { ffmpeg: { path: '/nonexistent/ffmpeg' } });
  await until(
    () => gateway.about('front').some((line) => /no ffmpeg that runs.*correct ffmpeg\.path/.test(line)),
    'the line',
  );
  await until(() => broker.retained.get('framegate/site/front/availability') === 'offline', 'the camera is offline');
  await gateway.configure({ front: { url: camera.url } });
  await until(
    () => broker.retained.get('framegate/site/front/availability') === 'online',
    'mended by a reload',
    20_000,
  );
});

test('a broker that is down at the start gets everything when it comes', async () => {
  const camera = await openCamera();
  await broker.stop();
  const gateway = await startGateway({ front: { url: camera.url } });
  await gateway.line(/no connection to the broker/);
  await until(() => inference.requests.length >= 2, 'the model is asked meanwhile', 30_000);
  await broker.start();
  await until(() => events('front').some(({ type }) => type === 'new'), 'the event', 40_000);
  expect(verdicts('front').length).toBeGreaterThanOrEqual(2);
  await accounts(gateway, 'front');
});

describe('a model service that misbehaves gives unknown verdicts with their reason, never silence', () => {
  test.each([
    ['is down', undefined, 'unavailable'],
    ['is slow', silence, 'timeout'],
    ['answers HTML', raw(200, '<html><body>It works!</body></html>', { 'content-type': 'text/html' }), 'bad_answer'],
    ['answers 200 with an error', json(200, { error: 'no such thing' }), 'bad_answer'],
    ['refuses the key', json(401, { message: 'wrong key' }), 'unauthorized'],
    ['fails', json(500, { message: 'broken' }), 'unavailable'],
  ])('%s', async (_, reply, reason) => {
    const camera = await openCamera();
    inference.reply(reply ?? silence);
    const url = reply ? inference.url : `http://127.0.0.1:${await freePort()}`;
    const gateway = await startGateway({ front: { url: camera.url } }, { inference: { url, deadline: '3s' } });
    await until(() => verdicts('front').some((verdict) => verdict.reason === reason), reason, 30_000);
    expect(
      verdicts('front').every(({ verdict, detections: found }) => verdict === 'unknown' && found.length === 0),
    ).toBe(true);
    await gateway.line(/the model did not answer/);
    expect((await accounts(gateway, 'front')).inference.byReason).toMatchObject({ [reason]: expect.any(Number) });
    expect(events('front')).toEqual([]);
  });
});

describe('a changed config', () => {
  test('restarts only the camera that changed, starts new ones, and forgets those that are gone', async () => {
    const [a, b, c] = [await openCamera(), await openCamera(), await openCamera()];
    const gateway = await startGateway({ a: { url: a.url }, b: { url: b.url } });
    await until(() => a.clients === 1 && b.clients === 1, 'both are watched');
    await until(() => broker.retained.get('framegate/site/b/availability') === 'online', 'b is online');
    const accepted = a.stats.accepted;
    await gateway.configure({ a: { url: a.url }, c: { url: c.url, decode: { fps: 2 } } });
    await gateway.line(/config reloaded/);
    await until(() => b.connections === 0 && c.clients === 1, 'b is left and c is watched');
    expect(a.stats.accepted).toBe(accepted);
    await until(() => !broker.retained.has('framegate/site/b/availability'), 'b is forgotten');
    expect(Object.keys((await gateway.status()).cameras).sort()).toEqual(['a', 'c']);
  });

  test('with a mistake changes nothing, and the log says where the mistake is', async () => {
    const camera = await openCamera();
    const gateway = await startGateway({ front: { url: camera.url } });
    await until(() => camera.clients === 1, 'it is watched');
    const accepted = camera.stats.accepted;
    await writeFile(gateway.file, (await readFile(gateway.file, 'utf8')).replace('url: rtsp', 'adress: rtsp'));
    const line = await gateway.line(/not reloaded/);
    expect(line).toMatch(/framegate\.yaml:\d+:\d+ cameras\.front/);
    expect([camera.clients, camera.stats.accepted]).toEqual([1, accepted]);
  });

  test('of the model takes effect between two frames, without a restart', async () => {
    const camera = await openCamera();
    const gateway = await startGateway({ front: { url: camera.url } });
    await until(() => verdicts('front').length > 0, 'an answer', 30_000);
    const accepted = camera.stats.accepted;
    await gateway.configure(
      { front: { url: camera.url } },
      { inference: { url: inference.url, deadline: '3s', model: 'coco/2' } },
    );
    await until(() => verdicts('front').some(({ model }) => model === 'coco/2'), 'an answer of the new model');
    const models = verdicts('front').map(({ model }) => model);
    expect(models.lastIndexOf('coco/1')).toBeLessThan(models.indexOf('coco/2'));
    expect(inference.requests.at(-1)?.path).toContain('coco/2');
    expect(camera.stats.accepted).toBe(accepted);
  });

  test('is read again on SIGHUP', async () => {
    const camera = await openCamera();
    const gateway = await startGateway({ front: { url: camera.url } });
    await until(() => camera.clients === 1, 'it is watched');
    gateway.child.kill('SIGHUP');
    await gateway.line(/config reloaded/);
    expect(camera.clients).toBe(1);
  });
});

test('a stop with the broker away and a camera that hangs takes seconds, not minutes', async () => {
  const [good, hung] = [await openCamera(), await openCamera()];
  hung.faults.hangOnConnect = true;
  const gateway = await startGateway({ good: { url: good.url }, hung: { url: hung.url } });
  await until(() => good.clients === 1, 'it is watched');
  await broker.stop();
  const stopped = gateway.end('SIGTERM');
  expect(await Promise.race([stopped, new Promise((resolve) => setTimeout(resolve, 9000, 'still running'))])).toBe(0);
  await until(() => good.connections + hung.connections === 0, 'the cameras are left');
});

test('a config that cannot be used ends the start with code 78', async () => {
  const gateway = await startGateway({ front: { url: '/home/me/film.mp4' } });
  await until(() => gateway.child.exitCode !== null, 'it ends');
  expect(gateway.child.exitCode).toBe(78);
  expect(gateway.lines.join('\n')).toMatch(/cameras\.front\.url.*rtsp:\/\//);
});

test('the model is shown a square around what is small, made by the decoder, and its box leads back to the picture', async () => {
  const large = await makeClip({ width: 1280, height: 720, seconds: 33, fps: 10, gop: 10, motion: [[3, 33]] });
  const camera = await openRtspCamera({ file: large.file, codec: 'h264', fps: large.fps });
  onTestFinished(() => camera[Symbol.asyncDispose]());
  // In the middle of what is shown, and a third of it wide.
  const middle = { x: 208, y: 208, width: 138, height: 138, confidence: 0.9, class: 'person' };
  inference.reply(detections([middle], { width: 416, height: 416 }));
  await startGateway({ front: { url: camera.url } });
  await until(() => inference.requests.length >= 5, 'five looks', 40_000);
  const shown = inference.requests.map(({ body }) => Buffer.from(body.toString(), 'base64'));
  const squares = shown.filter((jpeg) => jpegSize(jpeg)?.width === 416 && jpegSize(jpeg)?.height === 416);
  expect(squares.length).toBeGreaterThanOrEqual(shown.length - 1);
  // What ffmpeg encodes bears its name; what was cut out of a JPEG does not.
  expect(squares.filter((jpeg) => jpeg.includes('Lavc')).length).toBeGreaterThanOrEqual(squares.length - 1);
  await until(() => events('front').length > 0, 'an event');
  const [left, top, width, height] = events('front')[0].box;
  expect(width).toBeCloseTo(138 / 1280, 2);
  expect(height).toBeCloseTo(138 / 720, 2);
  // The box of the scene moves along the middle of the picture.
  expect(Math.abs(top + height / 2 - 0.5)).toBeLessThan(0.15);
  expect(left).toBeLessThan(0.5);
  const snapshot = broker.received.findLast(({ topic }) => topic === 'framegate/site/front/snapshot');
  expect(jpegSize(Buffer.from(snapshot!.payload))).toEqual({ width: 1280, height: 720 });
});

test('frames of which the model is unsure go to the dataset, and the books say so everywhere', async () => {
  inference.reply(detections([{ ...PERSON, confidence: 0.43 }]));
  const dataset = await InferenceServer.start(json(200, { success: true, id: 'image-1' }));
  onTestFinished(() => dataset[Symbol.asyncDispose]());
  const camera = await openCamera();
  const learning = { project: 'yard', apiKey: 'dataset-key-0815', url: dataset.url, maxPerHour: 2, random: 0 };
  const overrides = { learning, mqtt: { url: broker.url, statsInterval: '1s' } };
  const gateway = await startGateway({ front: { url: camera.url } }, overrides);
  await gateway.line(/status and metrics are served/);
  const dropped = async () => (await gateway.status()).learning?.dropped.rate_limited ?? 0;
  for (let tries = 0; tries < 300 && (await dropped()) < 2; tries += 1) await new Promise((go) => setTimeout(go, 100));
  const paths = dataset.requests.map(({ path }) => path);
  expect(paths).toEqual(Array(2).fill(['/dataset/yard/upload', '/dataset/yard/annotate/image-1']).flat());
  // The picture is the whole one, as the snapshot of an event would be.
  expect(dataset.requests[0]?.body.includes(Buffer.from([0xff, 0xd8, 0xff]))).toBe(true);
  const { learning: books } = await gateway.status();
  expect(books).toMatchObject({ uploaded: 2, waiting: 0 });
  expect(books?.chosen.near_threshold).toBe(2 + (books?.dropped.rate_limited ?? 0));
  const metrics = await (await fetch(new URL('/metrics', gateway.url))).text();
  expect(metrics).toContain('framegate_learning_uploaded_total 2');
  expect(metrics).toMatch(/framegate_learning_dropped_total\{reason="rate_limited"\} [2-9]/);
  await until(() => (broker.retained.get('framegate/site/stats') ?? '').includes('"uploaded":2'), 'the stats say so');
  expect(gateway.lines.join('\n') + JSON.stringify(books) + broker.retained.get('framegate/site/stats')).not.toContain(
    '0815',
  );
  await accounts(gateway, 'front');
  // Off again: only that part stops, and nothing is uploaded any more.
  await gateway.configure({ front: { url: camera.url } }, { mqtt: overrides.mqtt });
  await gateway.line(/config reloaded.*"stopped":\["learning"\]|"stopped":\["learning"\].*config reloaded/);
  expect((await gateway.status()).learning).toBeUndefined();
});
