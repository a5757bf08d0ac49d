/**
 * Decoders that die or hang, at work and at rest: they are replaced within the camera's session, and what was not looked at yet is decoded
 * out of what is kept.
 */
import { expect, test } from 'vitest';
import { until } from '../helpers/until.ts';
import { decoders, fedDecoders } from './decoders.ts';
import { KEYFRAMES_PER_LOOK, RECOVERY, type RecoveryTime } from './recovery-times.ts';
import {
  type CameraSetup,
  expectFrames,
  expectOrder,
  expectRecovery,
  expectUntouched,
  gopMs,
  openSite,
  restartsOf,
  settled,
  type WatchedCamera,
} from './site.ts';

/** With some noise, as pictures of twenty bytes each tell nothing. */
const STILL = { seconds: 10, motion: 'none', noise: 4 } as const;
const EVERYTHING: CameraSetup = { decode: { mode: 'always' } };
const IDLE: CameraSetup = { clip: STILL };
/** Frames of a shape of its own, by which its decoders are known. */
const OWN = { height: 90 };
const OWN_SIZE = '120x90';

/** A process that was stopped must not outlive the test, nor be waited for by its owner's grace period. */
function hang(pids: readonly number[]): void {
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
}

function kill(pids: readonly number[]): void {
  for (const pid of pids) process.kill(pid, 'SIGKILL');
}

const faults = [
  ['killed', kill, RECOVERY.killedDecoder, RECOVERY.killedKeyframeDecoder],
  ['stopped', hang, RECOVERY.hungDecoder, RECOVERY.hungKeyframeDecoder],
] as const;

/** The decoder at work among those of this shape. */
async function atWork(size: string): Promise<number[]> {
  const fed = await fedDecoders(decoders(size), 1000, 1500);
  expect(fed).toHaveLength(1);
  return fed;
}

/** How long it takes until an idle camera is looked at for sure. */
const lookMs = (camera: WatchedCamera) => (KEYFRAMES_PER_LOOK + 0.5) * gopMs(camera);

async function expectReplaced(camera: WatchedCamera, since: number, promise: RecoveryTime) {
  await expectRecovery(camera, since, promise);
  expectOrder(camera);
  expect(camera.lost).toEqual([]);
  expect(restartsOf(camera)).toBe(1);
  expectFrames(camera, since - 500, promise.missingGops ?? 0);
}

test.each(faults)(
  'the decoder of a camera is %s while it decodes everything',
  {
    timeout: 40_000,
  },
  async (_, fault, promise) => {
    const own = { clip: { fps: 10, gop: 20 }, decode: { mode: 'always', ...OWN } };
    const [front, ...others] = await openSite([own, EVERYTHING, EVERYTHING]);
    const since = await settled([front!, ...others]);
    const victims = await atWork(OWN_SIZE);
    const failsAt = performance.now();
    fault(victims);
    await expectReplaced(front!, failsAt, promise);
    await until(() => victims.every((pid) => !decoders().includes(pid)), 'it is gone', 5000);
    expectUntouched(others, since);
  },
);

test('a decoder is killed between keyframes 20 s apart: the rest of the GOP is not lost', {
  timeout: 60_000,
}, async () => {
  const own = {
    clip: { gop: 200, seconds: 40 },
    camera: { phase: 19.5 },
    decode: { mode: 'always', ...OWN },
  };
  const [front, ...others] = await openSite([own, EVERYTHING]);
  const since = await settled([front!, ...others]);
  await new Promise((resolve) => setTimeout(resolve, 6000));
  const victims = await atWork(OWN_SIZE);
  const failsAt = performance.now();
  kill(victims);
  await expectReplaced(front!, failsAt, RECOVERY.killedDecoder);
  expectUntouched(others, since);
});

test('a decoder that dies again and again does not end the session', { timeout: 60_000 }, async () => {
  const own = { clip: { fps: 10, gop: 10 }, decode: { mode: 'always', ...OWN } };
  const [front, ...others] = await openSite([own, EVERYTHING]);
  const since = await settled([front!, ...others]);
  for (let deaths = 1; deaths <= 5; deaths += 1) {
    const failsAt = performance.now();
    kill(await atWork(OWN_SIZE));
    await expectRecovery(front!, failsAt + 1500, RECOVERY.killedDecoder);
    expect(restartsOf(front!)).toBe(deaths);
  }
  expectOrder(front!);
  expect(front!.lost).toEqual([]);
  expectUntouched(others, since);
});

test.each(faults)(
  'the decoder of keyframes is %s while the camera is idle',
  { timeout: 90_000 },
  async (_, fault, __, promise) => {
    const [front, ...others] = await openSite([{ clip: STILL, decode: OWN }, IDLE, EVERYTHING]);
    await settled([front!, ...others.slice(0, 1)], 'idle');
    // The decoder of keyframes is started for the first of them.
    const looks = front!.frames.length;
    await until(() => front!.frames.length >= looks + 2, 'it is looked at', 2 * lookMs(front!) + 2000);
    const since = performance.now();
    const victims = await fedDecoders(decoders(OWN_SIZE), 500, lookMs(front!));
    expect(victims).toHaveLength(1);
    const failsAt = performance.now();
    fault(victims);
    await expectRecovery(front!, failsAt, promise);
    expectOrder(front!);
    expect(front!.lost).toEqual([]);
    await until(() => victims.every((pid) => !decoders().includes(pid)), 'it is gone', 5000);
    expectUntouched(others, since);
  },
);

test.each(faults)(
  'a spare that was %s is of no use, and does no harm',
  { timeout: 60_000 },
  async (_, fault, promise) => {
    const own = { clip: { fps: 10, gop: 20 }, decode: { mode: 'always', ...OWN } };
    const [front, ...others] = await openSite([own, EVERYTHING]);
    const since = await settled([front!, ...others]);
    const victims = await atWork(OWN_SIZE);
    // A picture on request takes a decoder and gives it back.
    await front!.source.capture({ at: front!.frames.at(-1)!.at, time: 0 })(AbortSignal.timeout(5000));
    await until(() => decoders(OWN_SIZE).length > 1, 'a spare is there');
    const failsAt = performance.now();
    fault(decoders(OWN_SIZE).filter((pid) => !victims.includes(pid)));
    kill(victims);
    // The one that takes over may hang too, and is found out then.
    await expectRecovery(front!, failsAt, { ...promise, ms: promise.ms + RECOVERY.hungDecoder.ms });
    expectOrder(front!);
    expect(front!.lost).toEqual([]);
    expectUntouched(others, since);
  },
);

test.each(faults)(
  'all decoders are %s at once, of idle cameras and of others',
  {
    timeout: 90_000,
  },
  async (_, fault, promise, keyframePromise) => {
    const site = await openSite([IDLE, IDLE, EVERYTHING, EVERYTHING]);
    const [first, second, third, fourth] = site;
    await settled([first!, second!], 'idle');
    await settled([third!, fourth!]);
    const victims = decoders();
    expect(victims.length).toBeGreaterThanOrEqual(3);
    const failsAt = performance.now();
    fault(victims);
    for (const camera of [first!, second!]) await expectRecovery(camera, failsAt, keyframePromise);
    // A spare that hangs too may be tried first.
    for (const camera of [third!, fourth!])
      await expectRecovery(camera, failsAt, { ...promise, ms: promise.ms + 2 * RECOVERY.hungDecoder.ms });
    for (const camera of site) {
      expectOrder(camera);
      expect(camera.lost).toEqual([]);
    }
    await until(() => victims.every((pid) => !decoders().includes(pid)), 'they are gone', 10_000);
  },
);
