/**
 * Damage on the wire: packets that are lost, altered or cut short, and bytes between them that are none.
 */
import { expect, test } from 'vitest';
import { RECOVERY } from './recovery-times.ts';
import { expectFrames, expectOrder, expectRecovery, expectUntouched, openSite, settled } from './site.ts';

const EVERYTHING = { decode: { mode: 'always' } };
/** Pictures of many packets. */
const LARGE = { clip: { width: 640, height: 480 }, ...EVERYTHING };
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test.each(['h264', 'h265'] as const)('%s: lost packets cost the rest of their GOP, and are counted', async (codec) => {
  const [front, ...others] = await openSite([{ ...LARGE, clip: { ...LARGE.clip, codec } }, EVERYTHING, EVERYTHING]);
  const since = await settled([front!, ...others]);
  front!.camera.faults.losePackets(0.02);
  await pause(4000);
  front!.camera.faults.losePackets(0);
  await expectRecovery(front!, performance.now(), RECOVERY.packetLoss);
  expect(front!.dropped['damaged']).toBeGreaterThan(0);
  expect(front!.lost).toEqual([]);
  expectUntouched(others, since);
});

test.each([
  ['altered', (fraction: number) => ({ corrupt: fraction, truncate: 0 }), RECOVERY.corruptPackets],
  ['cut short', (fraction: number) => ({ corrupt: 0, truncate: fraction }), RECOVERY.truncatedPackets],
] as const)('packets that are %s do no harm beyond their GOP, and are counted', async (_, faults, promise) => {
  const [front, ...others] = await openSite([LARGE, EVERYTHING, EVERYTHING]);
  const since = await settled([front!, ...others]);
  const damage = ({ corrupt, truncate }: ReturnType<typeof faults>) => {
    front!.camera.faults.corruptPackets(corrupt);
    front!.camera.faults.truncatePackets(truncate);
  };
  damage(faults(0.2));
  await pause(4000);
  damage(faults(0));
  await expectRecovery(front!, performance.now(), promise);
  expectOrder(front!);
  expect(front!.dropped['damaged']).toBeGreaterThan(0);
  expect(front!.lost).toEqual([]);
  expectUntouched(others, since);
});

test('bytes between the packets that mean nothing are skipped, and the camera stays', async () => {
  const [front, ...others] = await openSite([LARGE, EVERYTHING, EVERYTHING]);
  const since = await settled([front!, ...others]);
  for (const bytes of [1, 700, 5000, 20_000]) {
    front!.camera.faults.garbage(bytes);
    await pause(500);
  }
  await expectRecovery(front!, performance.now(), RECOVERY.garbage);
  expectFrames(front!, since, RECOVERY.garbage.missingGops);
  expect(front!.lost).toEqual([]);
  expectUntouched(others, since);
});

test('more of them than any slip is the end of the session, which begins anew', async () => {
  const [front, ...others] = await openSite([LARGE, EVERYTHING, EVERYTHING]);
  const since = await settled([front!, ...others]);
  front!.camera.faults.garbage(200_000);
  await expectRecovery(front!, performance.now(), RECOVERY.droppedSession);
  expect(front!.lost).toMatchObject([{ code: 'ERR_SOURCE_ENDED' }]);
  expectUntouched(others, since);
});
