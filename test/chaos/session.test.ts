/**
 * Cameras that fall silent or hang up.
 */
import { expect, test } from 'vitest';
import { until } from '../helpers/until.ts';
import { RECOVERY } from './recovery-times.ts';
import { expectOrder, expectRecovery, expectUntouched, openSite, settled } from './site.ts';

const EVERYTHING = { decode: { mode: 'always' } };
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('a camera that is silent for longer than the stall timeout is opened anew, and is back when it sends', async () => {
  const [front, ...others] = await openSite([EVERYTHING, EVERYTHING, EVERYTHING]);
  const since = await settled([front!, ...others]);
  front!.camera.faults.stall();
  await until(() => front!.lost.length > 0, 'the silence is noticed', 2000 + 3000);
  expect(front!.lost[0]).toMatchObject({ code: 'ERR_SOURCE_STALLED' });
  await pause(1500);
  front!.camera.faults.resume();
  await expectRecovery(front!, performance.now(), RECOVERY.silence);
  expectOrder(front!);
  expectUntouched(others, since);
});

test('a camera that is silent for less keeps its session', async () => {
  const [front, ...others] = await openSite([EVERYTHING, EVERYTHING]);
  const since = await settled([front!, ...others]);
  front!.camera.faults.stall();
  await pause(1000);
  front!.camera.faults.resume();
  await expectRecovery(front!, performance.now(), RECOVERY.parameterSets);
  expect([front!.lost, front!.camera.stats.accepted]).toEqual([[], 1]);
  expectUntouched(others, since);
});

test.each([false, true])('a camera that drops the session again and again (by a reset: %s)', async (reset) => {
  const [front, ...others] = await openSite([EVERYTHING, EVERYTHING, EVERYTHING]);
  const since = await settled([front!, ...others]);
  for (let drops = 1; drops <= 2; drops += 1) {
    front!.camera.faults.dropClients({ reset });
    await until(() => front!.lost.length === drops, 'the loss is counted');
    expect(front!.lost.at(-1)).toMatchObject({ code: 'ERR_SOURCE_ENDED' });
    await expectRecovery(front!, performance.now(), { ...RECOVERY.droppedSession, ms: 1000 * 2 ** (drops - 1) });
  }
  expectOrder(front!);
  expectUntouched(others, since);
});

test('a camera that is off for a while: nothing listens, then it does', async () => {
  const [front, ...others] = await openSite([EVERYTHING, EVERYTHING]);
  const since = await settled([front!, ...others]);
  await front!.camera.faults.refuse(true);
  front!.camera.faults.dropClients();
  await until(() => front!.lost.length >= 2, 'it is tried again');
  await front!.camera.faults.refuse(false);
  await expectRecovery(front!, performance.now(), { ...RECOVERY.droppedSession, ms: 4000 });
  expect(front!.lost.slice(1)).toMatchObject(front!.lost.slice(1).map(() => ({ code: 'ERR_SOURCE_REFUSED' })));
  expectUntouched(others, since);
});
