import { expect, it } from 'vitest';
import { rasterise } from '../../src/motion/mask.ts';

/** Rows of a mask as text. */
function rows(masked: Uint8Array, width: number): string[] {
  return Array.from({ length: masked.length / width }, (_, row) =>
    masked.slice(row * width, (row + 1) * width).join(''),
  );
}

it('masks nothing without areas', () => {
  expect(rows(rasterise([], 4, 2), 4)).toEqual(['0000', '0000']);
});

it('masks the pixels of an area and those beside it, which share its blur', () => {
  const middle = [
    [0.4, 0.4],
    [0.6, 0.4],
    [0.6, 0.6],
    [0.4, 0.6],
  ] as const;
  expect(rows(rasterise([middle], 5, 5), 5)).toEqual(['00000', '01110', '01110', '01110', '00000']);
});

it('masks several areas, up to the edges of the frame', () => {
  const left = [
    [0, 0],
    [0.2, 0],
    [0.2, 1],
    [0, 1],
  ] as const;
  const right = [
    [0.8, 0],
    [1, 0],
    [1, 0.4],
    [0.8, 0.4],
  ] as const;
  expect(rows(rasterise([left, right], 10, 5), 10)).toEqual([
    '1110000111',
    '1110000111',
    '1110000111',
    '1110000000',
    '1110000000',
  ]);
});
