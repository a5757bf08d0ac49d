import { expect, it } from 'vitest';
import type { Box } from '../../src/lib/box.ts';
import { createGovernor } from '../../src/trigger/governor.ts';
import { createSampler } from '../../src/trigger/sampler.ts';

const WEB: Box = [0.63, 0.02, 0.3, 0.3];
const PERSON: Box = [0.1, 0.5, 0.1, 0.4];
const MINUTE = 60_000;

/** Frames at 5 fps, of which the sampler with a second's interval takes some; times of those. */
function sent(minutes: number, moving: (at: number) => readonly Box[], maxStretch?: number) {
  const governor = createGovernor(maxStretch);
  const sampler = createSampler({ interval: 1000 });
  const times: number[] = [];
  for (let at = 0; at < minutes * MINUTE; at += 200) {
    const regions = moving(at);
    const stretch = governor.push(regions, at);
    if (sampler.next(at, regions.length > 0, undefined, stretch)) times.push(at);
  }
  const within = (from: number, to: number) => times.filter((at) => at >= from * MINUTE && at < to * MINUTE).length;
  return { within, governor };
}

it('a camera that triggers without end gets a fifth of the frames, after some minutes', () => {
  const { within, governor } = sent(12, () => [WEB]);
  expect(within(0, 3)).toBe(180);
  expect(within(10, 12)).toBeLessThanOrEqual(25);
  expect(within(10, 12)).toBeGreaterThanOrEqual(20);
  expect(governor.restlessness?.region).toBeDefined();
});

it('what opens and closes the gate all the time is limited too', () => {
  const { within } = sent(12, (at) => (at % 2000 < 1600 ? [WEB] : []));
  expect(within(10, 12)).toBeLessThanOrEqual(35);
});

it('a person elsewhere in the picture is looked at as ever meanwhile', () => {
  const isThere = (at: number) => at >= 10 * MINUTE && at < 11 * MINUTE;
  const { within } = sent(12, (at) => (isThere(at) ? [WEB, PERSON] : [WEB]));
  expect(within(10, 11)).toBeGreaterThanOrEqual(55);
  expect(within(11, 12)).toBeLessThanOrEqual(20);
});

it('a camera that triggers now and then is never limited', () => {
  const { within } = sent(20, (at) => (at % (5 * MINUTE) < MINUTE ? [WEB] : []));
  expect(within(15, 16)).toBe(60);
});

it('objects do not end between two looks', () => {
  const { within } = sent(12, () => [WEB], 2);
  expect(within(10, 12)).toBeGreaterThanOrEqual(55);
});

it('all is as before once it is calm', () => {
  const { within } = sent(60, (at) => (at < 12 * MINUTE || at > 50 * MINUTE ? [WEB] : []));
  expect(within(51, 52)).toBeGreaterThanOrEqual(59);
});
