import { expect, test } from 'vitest';
import { createShowingOrder } from '../../src/source/showing-order.ts';

/** Timestamps in ms of a stream at 25 fps, in the order of decoding: each reference picture before the `between` that are shown before it. */
function decodingOrder(groups: number, between: number): number[] {
  const order = [0];
  for (let group = 0; group < groups; group += 1) {
    const first = group * (between + 1);
    order.push(first + between + 1);
    for (let index = 1; index <= between; index += 1) order.push(first + index);
  }
  return order.map((number) => number * 40);
}

test('timestamps in order pass through, whatever their distance', () => {
  const order = createShowingOrder();
  const times = [0, 40, 80, 80, 3000, 3040, 9000];
  expect(times.map(order)).toEqual(times);
});

test.each([1, 2, 3])(
  'with %i B-frames in a row each picture gets a time of its own, in steps of one frame',
  (between) => {
    const order = createShowingOrder();
    const times = decodingOrder(40, between).map(order);
    const settled = times.slice(40);
    expect(settled.slice(1).map((time, index) => time - (settled[index] ?? 0))).toEqual(settled.slice(1).map(() => 40));
  },
);

test('one timestamp that steps back is no B-frame: later ones are not held back', () => {
  const order = createShowingOrder();
  const times = [0, 40, 80, 60, ...Array.from({ length: 100 }, (_, index) => 120 + 40 * index)];
  expect(times.map(order)).toEqual([0, 40, 80, 80, ...times.slice(4)]);
});

test('a clock that is set goes on from where it was set to', () => {
  const order = createShowingOrder();
  decodingOrder(20, 2).map(order);
  const times = decodingOrder(20, 2).map((time) => order(time - 50_000));
  expect(times.at(-1)).toBeGreaterThan(-50_000 + 55 * 40);
  expect(times.every((time, index) => index === 0 || time >= (times[index - 1] ?? 0))).toBe(true);
});
