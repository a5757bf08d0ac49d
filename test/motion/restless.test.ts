import { expect, it } from 'vitest';
import type { Box } from '../../src/lib/box.ts';
import { createRestlessWatch } from '../../src/motion/restless.ts';

const MINUTE = 60_000;
const WEB: Box = [0.63, 0.02, 0.3, 0.3];

/** Watches frames at 2 fps; `moving` says what moves at a time in ms. */
function watch(minutes: number, moving: (at: number) => readonly Box[]) {
  const push = createRestlessWatch().push;
  return Array.from({ length: minutes * 120 }, (_, index) => push(moving(index * 500), index * 500));
}

it('blames the place that moves nearly all the time, and proposes a mask for it', () => {
  const verdict = watch(12, (at) => (at % 5000 < 4000 ? [WEB] : [])).at(-1);
  expect(verdict?.share).toBeCloseTo(0.8, 1);
  const [x, y, width, height] = verdict?.region ?? [0, 0, 0, 0];
  expect(x).toBeLessThanOrEqual(WEB[0]);
  expect(y).toBeLessThanOrEqual(WEB[1]);
  expect(x + width).toBeGreaterThanOrEqual(WEB[0] + WEB[2]);
  expect(y + height).toBeGreaterThanOrEqual(WEB[1] + WEB[3]);
  expect(width * height).toBeLessThan(0.25);
  expect(verdict?.proposedMask).toHaveLength(4);
});

it('blames nobody within the first minutes', () => {
  expect(watch(2, () => [WEB]).every((verdict) => verdict === undefined)).toBe(true);
});

it('leaves a camera alone that triggers now and then', () => {
  expect(watch(20, (at) => (at % (3 * MINUTE) < MINUTE ? [WEB] : [])).every((verdict) => !verdict)).toBe(true);
});

it('names no region where all of a busy street moves', () => {
  const verdict = watch(12, (at) => [[(at / 20_000) % 0.9, 0.3, 0.1, 0.4]]).at(-1);
  expect(verdict?.share).toBeGreaterThan(0.9);
  expect(verdict?.region).toBeUndefined();
  expect(verdict?.proposedMask).toBeUndefined();
});

it('blames the corner in which something swings so widely that it is nowhere for long', () => {
  const swings = (at: number): Box[] => [[0.7 + 0.2 * Math.sin(at / 590), 0.1 + 0.08 * Math.sin(at / 430), 0.07, 0.15]];
  const [x = 0, y = 1, width = 1, height = 1] = watch(12, swings).at(-1)?.region ?? [];
  expect([x > 0.4, y < 0.1, width < 0.6, height < 0.6]).toEqual([true, true, true, true]);
});

it('proposes no mask for a pavement, on which people pass from edge to edge', () => {
  const verdict = watch(12, (at) => [[(at / 20_000) % 0.95, 0.4, 0.05, 0.2]]).at(-1);
  expect([verdict !== undefined, verdict?.proposedMask]).toEqual([true, undefined]);
});

it('still blames the web when people pass elsewhere', () => {
  const verdict = watch(12, (at) => (at % MINUTE < 10_000 ? [WEB, [0.1, 0.5, 0.2, 0.4]] : [WEB])).at(-1);
  expect(verdict?.region?.[0]).toBeGreaterThan(0.5);
});

it('says that it is over when the web is gone', () => {
  const verdicts = watch(40, (at) => (at < 12 * MINUTE ? [WEB] : []));
  expect(verdicts[12 * 120 - 1]).toBeDefined();
  expect(verdicts.at(-1)).toBeUndefined();
});
