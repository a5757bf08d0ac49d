/**
 * Cameras whose clock cannot be trusted: frames keep coming in order, and none is missing.
 */
import { expect, test } from 'vitest';
import { RECOVERY } from './recovery-times.ts';
import {
  expectFrames,
  expectOrder,
  expectRecovery,
  expectUntouched,
  openSite,
  settled,
  type WatchedCamera,
} from './site.ts';

const EVERYTHING = { decode: { mode: 'always' } };
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Checks that nothing was lost, and that the times of frames are those at which they were captured, within a second. */
async function expectOwnTime(front: WatchedCamera, since: number) {
  await expectRecovery(front, performance.now(), RECOVERY.clock);
  expectOrder(front);
  expectFrames(front, since, RECOVERY.clock.missingGops);
  expect([front.lost, front.dropped]).toEqual([[], {}]);
  for (const { at, seenAt } of front.frames.filter((frame) => frame.at > since))
    expect(seenAt - at).toBeGreaterThanOrEqual(0);
}

test.each([3600, 9 * 3600, -3600, -9 * 3600, 5, -5])('a jump of %d s', async (seconds) => {
  const [front, ...others] = await openSite([EVERYTHING, EVERYTHING]);
  const since = await settled([front!, ...others]);
  front!.camera.faults.jumpTimestamps(seconds);
  await pause(2000);
  await expectOwnTime(front!, since);
  expectUntouched(others, since);
});

test('the 32 bits of the timestamp wrap', async () => {
  const wrapsAfter = { camera: { timestamp: 2 ** 32 - 4 * 90_000 } };
  const [front, ...others] = await openSite([{ ...EVERYTHING, ...wrapsAfter }, EVERYTHING]);
  const since = await settled([front!, ...others]);
  await pause(5000);
  await expectOwnTime(front!, since);
  expectUntouched(others, since);
});

test('it stands still for a while, and goes on', async () => {
  const [front, ...others] = await openSite([EVERYTHING, EVERYTHING]);
  const since = await settled([front!, ...others]);
  front!.camera.faults.freezeTimestamps(true);
  await pause(3000);
  await expectRecovery(front!, since + 1500, RECOVERY.clock);
  front!.camera.faults.freezeTimestamps(false);
  await expectRecovery(front!, performance.now(), RECOVERY.clock);
  expectOrder(front!);
  expectFrames(front!, since, RECOVERY.clock.missingGops);
  expect(front!.lost).toEqual([]);
  expectUntouched(others, since);
});
