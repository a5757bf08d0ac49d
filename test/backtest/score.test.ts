import { expect, it } from 'vitest';
import { quantile, score, total } from '../../src/backtest/score.ts';

const truth = {
  motion: [
    [10, 20],
    [40, 50],
    [70, 80],
  ] as const,
  ignore: [[90, 95]] as const,
};
const run = {
  events: [
    [11, 26],
    [30, 33],
    [51, 56],
    [88, 91],
  ] as const,
  frames: Array.from({ length: 100 }, (_, second) => second),
  triggered: [11, 12, 19, 31, 51, 91],
};

it('counts hits, misses, false events, delays and frames outside as the truth has it', () => {
  expect(score(truth, run)).toEqual({
    truthEvents: 3,
    hits: 1,
    falseEvents: 1,
    onsetDelays: [1],
    outside: 2,
    inside: 33,
    seen: 3,
  });
});

it('takes an event as true that begins a second early or late', () => {
  const at = (event: readonly [number, number]) => score(truth, { ...run, events: [event] }).falseEvents;
  expect([at([5, 8.9]), at([5, 9]), at([21, 22]), at([21.1, 22])]).toEqual([1, 0, 0, 1]);
});

it('adds clips up', () => {
  const one = score(truth, run);
  expect(total([one, one])).toMatchObject({ truthEvents: 6, hits: 2, onsetDelays: [1, 1] });
});

it('takes quantiles by rank', () => {
  expect([quantile([], 0.5), quantile([3], 0.95), quantile([4, 1, 3, 2], 0.5), quantile([4, 1, 3, 2], 0.95)]).toEqual([
    undefined,
    3,
    2,
    4,
  ]);
});
