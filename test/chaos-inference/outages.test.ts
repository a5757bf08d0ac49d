/**
 * A target that is killed, hangs, slows down or fails half of the time, and comes back: every triggered frame is accounted for, nothing is
 * silently empty, latency recovers within `RECOVERY_MS`, and no burst follows.
 */
import { describe, expect, test } from 'vitest';
import { until } from '../helpers/until.ts';
import { ageOf, type Cameras, startCameras } from './cameras.ts';
import { ModelServer, type Mood } from './model-server.ts';

/** The longest wait of the breaker, a health question that is not answered, and a trial. */
const RECOVERY_MS = 12_000;
const CAMERAS = 6;
const INTERVAL_MS = 200;
const SERVICE_MS = 40;
/** Frames a second of all cameras together. */
const RATE = (CAMERAS * 1000) / INTERVAL_MS;

const feel = async (server: ModelServer, mood: Mood) => {
  server.mood = mood;
};

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function site(settings: Record<string, unknown> = {}) {
  const server = await ModelServer.start(2, SERVICE_MS);
  const cameras = startCameras({
    count: CAMERAS,
    intervalMs: INTERVAL_MS,
    inference: { url: server.url, ...settings },
  });
  await until(() => cameras.told.filter(({ what }) => what === 'ok').length > 60, 'answers');
  return { server, cameras };
}

/** Waits until answers are as fresh as `before` again, and looks for a burst meanwhile. */
async function expectRecovery(server: ModelServer, cameras: Cameras, before: number, wasAway = false): Promise<void> {
  const back = performance.now();
  const recent = () => cameras.since(performance.now() - 1000);
  const isFresh = () =>
    recent().filter(({ what }) => what === 'ok').length > 0.7 * RATE && ageOf(recent(), 0.5) < 2 * before;
  await until(isFresh, 'fresh answers', RECOVERY_MS + 1000);
  await wait(2000);
  const arrivals = server.since(back);
  // The trial goes alone, and what follows grows from one.
  if (wasAway) expect(Math.max(...arrivals.slice(0, 3).map(({ atOnce }) => atOnce))).toBeLessThanOrEqual(2);
  for (const { at } of arrivals) {
    const inOneSecond = arrivals.filter((other) => other.at >= at && other.at < at + 1000).length;
    expect(inOneSecond).toBeLessThanOrEqual(1.4 * RATE);
  }
  // Nothing old was asked about.
  expect(ageOf(cameras.since(back), 0.99)).toBeLessThan(2000);
}

describe('a target', () => {
  const outages: ReadonlyArray<
    readonly [string, (server: ModelServer) => Promise<void>, (server: ModelServer) => Promise<void>]
  > = [
    ['is killed', (server) => server.kill(), (server) => server.start()],
    ['hangs', (server) => feel(server, 'hung'), (server) => feel(server, 'well')],
  ];

  test.each(outages)('that %s and comes back', async (_, hurt, heal) => {
    const { server, cameras } = await site();
    const before = ageOf(cameras.told, 0.5);
    const hurtAt = performance.now();
    await hurt(server);
    // Long enough for the breaker to open, also with one request after the other that waits for its deadline.
    await wait(10_000);
    const during = cameras.since(hurtAt + 500);
    expect(during.filter(({ what }) => what === 'ok')).toEqual([]);
    expect(during.length).toBeGreaterThan(0.8 * 9.5 * RATE);
    const targets = cameras.inference.active.client.targets('coco/1');
    expect(targets[0]).toMatchObject({ state: expect.stringMatching(/open/), limit: 1, problem: expect.any(String) });
    await heal(server);
    await expectRecovery(server, cameras, before, true);
    await cameras.stop();
  });

  test('that becomes ten times slower is asked less, by all cameras alike, and fresh frames win', async () => {
    const { server, cameras } = await site();
    const before = ageOf(cameras.told, 0.5);
    server.mood = 'slow';
    await wait(2000);
    const slowAt = performance.now();
    await wait(8000);
    const told = cameras.since(slowAt);
    // Two workers, 400 ms each.
    const answered = told.filter(({ what }) => what === 'ok');
    expect(answered.length).toBeGreaterThan(24);
    expect(told.filter(({ what }) => what === 'superseded').length).toBeGreaterThan(100);
    expect(ageOf(told, 0.9)).toBeLessThan(2000);
    const perCamera = Array.from(
      { length: CAMERAS },
      (_, index) => answered.filter(({ camera }) => camera === `camera${index}`).length,
    );
    expect(Math.max(...perCamera) - Math.min(...perCamera)).toBeLessThanOrEqual(2);
    expect(Math.max(...server.since(slowAt).map(({ atOnce }) => atOnce))).toBeLessThanOrEqual(5);
    server.mood = 'well';
    await expectRecovery(server, cameras, before);
    await cameras.stop();
  });

  test('that answers 500 half of the time is not given up, and its retries stay few', async () => {
    const { server, cameras } = await site();
    const before = ageOf(cameras.told, 0.5);
    server.mood = 'half';
    const halfAt = performance.now();
    await wait(8000);
    const asked = cameras.since(halfAt).filter(({ what }) => what === 'ok' || what === 'unavailable');
    const answered = asked.filter(({ what }) => what === 'ok');
    expect(answered.length / asked.length).toBeGreaterThan(0.4);
    // Each answer earns a tenth of a retry.
    const requests = server.since(halfAt).length;
    expect(requests).toBeLessThan(1.3 * asked.length + 10);
    server.mood = 'well';
    await expectRecovery(server, cameras, before);
    await cameras.stop();
  });
});
