import { expect, test } from 'vitest';
import type { Box } from '../../../src/lib/box.ts';
import { RestlessMap } from '../../../src/source/wake/restless-map.ts';

const TREE: Box = [0.1, 0.1, 0.2, 0.4];
const PERSON: Box = [0.6, 0.5, 0.05, 0.2];

/** What is seen at 5 frames a second. */
function watch(map: RestlessMap, seconds: number, from: number, regions: (second: number) => readonly Box[]): number {
  for (let at = from; at < from + seconds; at += 0.2) map.learn(at * 1000, regions(at - from));
  return from + seconds;
}

test('what moves is news at first', () => {
  const map = new RestlessMap();
  expect(map.isNews([TREE])).toBe(true);
  expect(map.isNews([])).toBe(false);
});

test('what moves nearly all the time for some minutes is news no more, and what moves beside it is', () => {
  const map = new RestlessMap();
  watch(map, 600, 0, (second) => (second % 10 < 8 ? [TREE] : []));
  expect(map.isNews([TREE])).toBe(false);
  expect(map.isNews([TREE, PERSON])).toBe(true);
  expect(map.isNews([[0.1, 0.1, 0.6, 0.6]])).toBe(true);
  expect(map.fraction).toBeGreaterThan(0.05);
  expect(map.fraction).toBeLessThan(0.2);
});

test('people who work at one place for two minutes stay news', () => {
  const map = new RestlessMap();
  watch(map, 120, 0, () => [PERSON]);
  expect(map.isNews([PERSON])).toBe(true);
});

test('what came to rest is forgotten', () => {
  const map = new RestlessMap();
  const end = watch(map, 900, 0, () => [TREE]);
  expect(map.isNews([TREE])).toBe(false);
  watch(map, 600, end, () => []);
  expect(map.isNews([TREE])).toBe(true);
});
