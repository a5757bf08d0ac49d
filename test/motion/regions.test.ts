import { expect, it } from 'vitest';
import { createRegionFinder } from '../../src/motion/regions.ts';

const WIDTH = 40;
const HEIGHT = 20;

/** Pixels `[x, y]` that changed. */
function changed(...pixels: (readonly [number, number])[]): Uint8Array {
  const output = new Uint8Array(WIDTH * HEIGHT);
  for (const [x, y] of pixels) output[y * WIDTH + x] = 1;
  return output;
}

function block(left: number, top: number, width: number, height: number): [number, number][] {
  return Array.from({ length: width * height }, (_, i) => [left + (i % width), top + Math.floor(i / width)]);
}

const find = (minPixels: number, ...pixels: (readonly [number, number])[]) =>
  createRegionFinder(WIDTH, HEIGHT)(changed(...pixels), minPixels);

it('finds nothing where nothing changed', () => {
  expect(find(1)).toEqual([]);
});

it('finds blocks by size, largest first, with their borders and pixels', () => {
  const [first, second] = find(1, ...block(4, 5, 2, 2), ...block(20, 10, 10, 4));
  expect(first).toMatchObject({ left: 20, top: 10, right: 29, bottom: 13, area: 40 });
  expect(second).toMatchObject({ left: 4, top: 5, right: 5, bottom: 6, area: 4 });
  expect([...(second?.pixels ?? [])].sort()).toEqual(
    block(4, 5, 2, 2)
      .map(([x, y]) => y * WIDTH + x)
      .sort(),
  );
});

it('leaves out what is smaller than minPixels', () => {
  const blocks = [...block(4, 5, 2, 2), ...block(20, 10, 3, 3)];
  expect(find(9, ...blocks).length).toBe(1);
  expect(find(10, ...blocks)).toEqual([]);
});

it('takes parts at most two pixels apart as one, and others as two', () => {
  expect(find(1, ...block(4, 5, 3, 3), ...block(9, 5, 3, 3)).length).toBe(1);
  expect(find(1, ...block(4, 5, 3, 3), ...block(10, 5, 3, 3)).length).toBe(2);
});

it('takes specks, however many, for nothing', () => {
  const specks = block(1, 1, WIDTH - 2, HEIGHT - 2).filter(([x, y]) => x % 2 === 0 && y % 2 === 0);
  expect(find(1, ...specks)).toEqual([]);
});

it('finds what covers the whole frame, and forgets it with the next frame', () => {
  const finder = createRegionFinder(WIDTH, HEIGHT);
  expect(finder(changed(...block(0, 0, WIDTH, HEIGHT)), 1).length).toBe(1);
  expect(finder(changed(), 1)).toEqual([]);
});
