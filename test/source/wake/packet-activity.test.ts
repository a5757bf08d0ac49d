import { expect, test } from 'vitest';
import { PacketActivity } from '../../../src/source/wake/packet-activity.ts';

const GOP = 30;

/** Sizes as of a constant-quality encoder: a place in the GOP has its own usual size, with some spread. */
function stream(seed = 1) {
  let state = seed;
  const noise = () => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return state / 2 ** 31 - 0.5;
  };
  return (index: number, factor = 1) => {
    const place = index % GOP;
    const usual = place === 0 ? 110_000 : place % 5 === 0 ? 1600 : 700;
    return Math.round(usual * factor * (1 + 0.1 * noise()));
  };
}

function run(activity: PacketActivity, frames: number, from: number, size: (index: number) => number): number[] {
  const told: number[] = [];
  for (let index = from; index < from + frames; index += 1) {
    if (activity.push(size(index), index % GOP === 0, 'likely')) told.push(index);
  }
  return told;
}

test('what is usual at each place of the GOP is quiet', () => {
  const size = stream();
  expect(run(new PacketActivity(), 60 * GOP, 0, (index) => size(index))).toEqual([]);
});

test('pictures that cost half as much again are told within a second', () => {
  const size = stream();
  const activity = new PacketActivity();
  const begin = 20 * GOP + 7;
  run(activity, begin, 0, (index) => size(index));
  const told = run(activity, GOP, begin, (index) => size(index, 1.5));
  expect((told[0] ?? Number.POSITIVE_INFINITY) - begin).toBeLessThanOrEqual(15);
});

test('one huge picture is no motion', () => {
  const size = stream();
  const activity = new PacketActivity();
  run(activity, 20 * GOP, 0, (index) => size(index));
  expect(run(activity, GOP, 20 * GOP, (index) => size(index, index === 20 * GOP + 9 ? 40 : 1))).toEqual([]);
});

test('nothing is told before the baseline is known', () => {
  const size = stream();
  expect(run(new PacketActivity(), 3 * GOP, 0, (index) => size(index, index > GOP ? 3 : 1))).toEqual([]);
});

test('a wake in vain makes it harder to wake, and that is forgotten in time', () => {
  const size = stream();
  const activity = new PacketActivity();
  run(activity, 20 * GOP, 0, (index) => size(index));
  const delay = (from: number) => {
    activity.reset();
    for (let index = from; ; index += 1)
      if (activity.push(size(index, 1.25), index % GOP === 0, 'none')) return index - from;
  };
  const before = delay(20 * GOP);
  for (let count = 0; count < 3; count += 1) activity.wasWrong();
  expect(delay(20 * GOP)).toBeGreaterThan(2 * before);
  activity.reset();
  run(activity, 4000 * GOP, 20 * GOP, (index) => size(index));
  expect(delay(20 * GOP)).toBeLessThanOrEqual(before + 2);
});

test('pictures that are nearly empty are no motion when they are some bytes larger', () => {
  const activity = new PacketActivity();
  const size = (index: number) => (index % GOP === 0 ? 20_000 : index < 20 * GOP ? 20 : 26);
  expect(run(activity, 40 * GOP, 0, size)).toEqual([]);
});

test('what is seen to be rest becomes usual, however large it is', () => {
  const size = stream();
  const activity = new PacketActivity();
  run(activity, 20 * GOP, 0, (index) => size(index));
  for (let index = 0; index < 60 * GOP; index += 1) activity.push(size(index, 1.5), index % GOP === 0, 'sure');
  expect(activity.level).toBeLessThan(1);
});
