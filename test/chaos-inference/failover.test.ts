import { expect, test } from 'vitest';
import { InferenceServer, json } from '../helpers/inference-server.ts';
import { until } from '../helpers/until.ts';
import { ageOf, startCameras } from './cameras.ts';
import { ModelServer } from './model-server.ts';

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const SECOND = 1000;

test.each(['killed', 'hung'] as const)(
  'a second target stands in while the first is %s, and only then',
  async (how) => {
    const [local, lan] = [await ModelServer.start(2, 30), await ModelServer.start(2, 60)];
    const cameras = startCameras({
      count: 4,
      intervalMs: 200,
      inference: {
        targets: [
          { url: local.url, name: 'local' },
          { url: lan.url, name: 'lan' },
        ],
      },
    });
    await until(() => cameras.told.length > 40, 'answers');
    expect(lan.arrivals).toEqual([]);
    if (how === 'killed') await local.kill();
    else local.mood = 'hung';
    await until(
      () => cameras.inference.active.client.targets('coco/1')[0]?.state === 'open',
      'the breaker opens',
      15_000,
    );
    const open = performance.now();
    await wait(4 * SECOND);
    const during = cameras.since(open + SECOND);
    // But for the trial, no frame is lost.
    expect(during.filter(({ target }) => target === 'lan').length).toBeGreaterThan(0.9 * during.length);
    expect(ageOf(during, 0.5)).toBeLessThan(300);
    if (how === 'killed') await local.start();
    else local.mood = 'well';
    const isBack = () =>
      cameras.since(performance.now() - SECOND).every(({ what, target }) => what !== 'ok' || target === 'local');
    await until(isBack, 'the first target is used again', 14 * SECOND);
    const back = performance.now();
    await wait(2 * SECOND);
    expect(lan.since(back)).toEqual([]);
    expect(cameras.since(back).filter(({ what }) => what === 'ok').length).toBeGreaterThan(30);
    await cameras.stop();
  },
);

test('all targets away at once: unknown, quickly and without a picture being decoded for it', async () => {
  const [local, lan] = [await ModelServer.start(1, 20), await ModelServer.start(1, 20)];
  const cameras = startCameras({
    count: 3,
    intervalMs: 100,
    inference: { targets: [{ url: local.url }, { url: lan.url }] },
  });
  await until(() => cameras.told.length > 20, 'answers');
  await Promise.all([local.kill(), lan.kill()]);
  await wait(4 * SECOND);
  const at = performance.now();
  const { requests } = cameras.books();
  await wait(2 * SECOND);
  const told = cameras.since(at);
  expect(new Set(told.map(({ what }) => what))).toEqual(new Set(['unavailable']));
  expect(told.length).toBeGreaterThan(45);
  expect(Math.max(...told.map(({ capturedAt, toldAt }) => toldAt - capturedAt))).toBeLessThan(500);
  expect(cameras.books().requests - requests).toBeLessThan(6);
  await cameras.stop();
});

test('a slow first target is hedged at most for one frame in twenty, and the books stay exact', async () => {
  const [local, lan] = [await ModelServer.start(4, 20), await ModelServer.start(4, 20)];
  const cameras = startCameras({
    count: 4,
    intervalMs: 100,
    inference: {
      targets: [
        { url: local.url, name: 'local' },
        { url: lan.url, name: 'lan' },
      ],
      hedge: '100ms',
    },
  });
  await until(() => cameras.told.length > 40, 'answers');
  expect(lan.arrivals.length).toBeLessThanOrEqual(2);
  local.mood = 'slow';
  await wait(6 * SECOND);
  const asked = cameras.told.filter(({ what }) => what !== 'superseded').length;
  expect(lan.arrivals.length).toBeGreaterThan(1);
  expect(lan.arrivals.length).toBeLessThanOrEqual(3 + asked / 20);
  expect(cameras.told.some(({ target }) => target === 'lan')).toBe(true);
  await cameras.stop();
});

test('a wrong key rests the target for a quarter of a minute, and the next one answers at once', async () => {
  const hosted = await InferenceServer.start(json(401, { message: 'wrong key' }));
  const local = await ModelServer.start(2, 20);
  const cameras = startCameras({
    count: 3,
    intervalMs: 100,
    inference: { targets: [{ url: hosted.url }, { url: local.url }] },
  });
  await until(() => cameras.told.length > 120, 'verdicts');
  expect(hosted.requests.length).toBeLessThanOrEqual(3);
  expect(cameras.told.filter(({ what }) => what === 'unauthorized')).toEqual([]);
  expect(cameras.told.filter(({ what }) => what === 'ok').length).toBeGreaterThan(60);
  await cameras.stop();
  await hosted[Symbol.asyncDispose]();
});

test('Retry-After is kept for all cameras, whoever was told', async () => {
  const server = await InferenceServer.start(
    json(429, { message: 'slow down' }, { 'retry-after': '3' }),
    json(200, {
      image: { width: 9, height: 9 },
      predictions: [{ x: 4, y: 4, width: 2, height: 2, confidence: 1, class: 'a' }],
    }),
  );
  const cameras = startCameras({ count: 4, intervalMs: 100, inference: { url: server.url } });
  await until(() => server.requests.length === 1, 'the first request');
  const at = performance.now();
  await wait(2.5 * SECOND);
  expect(server.requests).toHaveLength(1);
  expect(new Set(cameras.told.map(({ what }) => what))).toEqual(new Set(['overloaded']));
  await until(() => cameras.told.some(({ what }) => what === 'ok'), 'an answer', 2 * SECOND);
  expect(performance.now() - at).toBeGreaterThan(2.9 * SECOND);
  await cameras.stop();
  await server[Symbol.asyncDispose]();
});
