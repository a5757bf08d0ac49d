import { expect, it } from 'vitest';
import { ClipClock } from '../../src/backtest/clip-clock.ts';

/** The times that pictures sent with these timestamps get, in tenths of a second. */
function timesOf(timestamps: readonly number[], isUnannounced: boolean): number[] {
  const clock = new ClipClock<number>();
  clock.isUnannounced = isUnannounced;
  const given = timestamps.flatMap((tenths, n) => [...clock.push(n, tenths / 10)]);
  return [...given, ...clock.flush()].map(([, seconds]) => Math.round(seconds * 10));
}

const ascending = Array.from({ length: 41 }, (_, n) => n);
/** A first picture, then groups of four in this order. */
const groups = (order: readonly number[]) => [0, ...ascending.slice(0, 10).flatMap((n) => order.map((k) => 4 * n + k))];
const ONE_BACK = groups([4, 1, 2, 3]);
const TWO_BACK = groups([4, 2, 1, 3]);

it.each([false, true])(
  'pictures that are sent as they are shown keep their times (unannounced: %s)',
  (isUnannounced) => {
    expect(timesOf(ascending, isUnannounced)).toEqual(ascending);
  },
);

it('the nth picture of a clip with B-frames is the nth that is shown', () => {
  expect(timesOf(TWO_BACK, false)).toEqual(ascending);
});

it.each([
  [1, ONE_BACK],
  [2, TWO_BACK],
])('without a word in the parameter sets it is what a decoder gives that holds %s back', (depth, sent) => {
  expect(timesOf(sent, true).slice(depth)).toEqual(ascending.slice(0, -depth));
});

it('one timestamp that is wrong moves only those around it', () => {
  const sent = ascending.map((time) => (time === 30 ? 22 : time));
  const times = timesOf(sent, true);
  expect(times.slice(0, 20)).toEqual(ascending.slice(0, 20));
  expect(times.at(-1)).toBe(40);
});
