/**
 * Streams that change under way: parameter sets, keyframe intervals, and cameras that save bits where nothing moves.
 */
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { makeClip } from '../helpers/clips.ts';
import { until } from '../helpers/until.ts';
import { makeSmartClip, SMART_KEYFRAMES } from './clips.ts';
import { RECOVERY } from './recovery-times.ts';
import { expectFrames, expectOrder, expectRecovery, expectUntouched, openSite, settled } from './site.ts';

const EVERYTHING = { decode: { mode: 'always' } };
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test.each(['h264', 'h265'] as const)('%s: another resolution, and back', { timeout: 40_000 }, async (codec) => {
  const [front, ...others] = await openSite([{ ...EVERYTHING, clip: { codec } }, EVERYTHING, EVERYTHING]);
  const larger = await makeClip({ codec, width: 640, height: 360, fps: 10, gop: 10, seconds: 4 });
  const since = await settled([front!, ...others]);
  for (const { file } of [larger, front!.clip, larger]) {
    await front!.camera.faults.switchFile(file);
    await expectRecovery(front!, performance.now(), RECOVERY.parameterSets);
  }
  expectOrder(front!);
  expectFrames(front!, since, RECOVERY.parameterSets.missingGops);
  expect([front!.lost, front!.dropped]).toEqual([[], {}]);
  expectUntouched(others, since);
});

test('another codec ends the session, and the next one has it', async () => {
  const [front, ...others] = await openSite([EVERYTHING, EVERYTHING]);
  const other = await makeClip({ codec: 'h265', width: 160, height: 120, fps: 10, gop: 10, seconds: 4 });
  const since = await settled([front!, ...others]);
  await front!.camera.faults.switchFile(other.file, { codec: 'h265' });
  await expectRecovery(front!, performance.now(), RECOVERY.droppedSession);
  expect(front!.lost).toMatchObject([{ code: 'ERR_SOURCE_ENDED' }]);
  expectUntouched(others, since);
});

// All at once; those that come too seldom for `maxBlindness` are decoded all the time.
test('keyframes every 1 s, 10 s and 20 s', { timeout: 90_000 }, async () => {
  const seconds = [1, 10, 20];
  const site = await openSite(
    seconds.map((gop) => ({
      clip: { gop: gop * 10, seconds: 40, motion: 'none' as const, noise: 4 },
      // Shortly before a keyframe, for which a camera would otherwise be waited 20 s long.
      camera: { phase: gop - 0.3 },
    })),
  );
  await settled(site);
  const since = performance.now();
  const intervals = () => site.map(({ source }) => source.decoding()?.gopSeconds);
  await until(() => isDeepStrictEqual(intervals(), seconds), 'the intervals are known', 45_000);
  await until(() => site[0]?.source.decoding()?.state === 'idle', 'the first one is idle', 45_000);
  for (const camera of site) {
    expect([camera.lost, camera.dropped]).toEqual([[], {}]);
    expectOrder(camera);
  }
  expect(site.slice(1).map(({ source }) => source.decoding()?.state)).toEqual(['always', 'always']);
  for (const camera of site.slice(1)) expectFrames(camera, since, 0);
});

test('a smart codec: keyframes 1 s to 20 s apart, and next to nothing while nothing moves', {
  timeout: 120_000,
}, async () => {
  const file = await makeSmartClip();
  const [front, ...others] = await openSite([{ file, clip: { gop: 200, seconds: 60 } }, EVERYTHING]);
  const since = await settled([front!, ...others]);
  // Past the longest interval, into the motion behind it.
  await until(() => front!.camera.position > SMART_KEYFRAMES.motion[0], 'the motion begins', 60_000);
  const movesAt = performance.now();
  await until(() => front!.gate.some(({ open, at }) => open && at >= movesAt - 1500), 'the motion is seen', 8000);
  await pause(1000);
  expectOrder(front!);
  expect([front!.lost, front!.dropped]).toEqual([[], {}]);
  expectUntouched(others, since);
});
