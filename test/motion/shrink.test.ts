import { expect, it } from 'vitest';
import { createShrink, SHRUNK_SCALE, shrink } from '../../src/motion/shrink.ts';
import { random } from './scene.ts';

it.each([
  [320, 180],
  [244, 181],
  [4, 2],
  [102, 180],
  [7, 5],
])('yields for %i x %i pixels, wherever they begin, what it yields pixel by pixel', (width, height) => {
  const next = random(3);
  const buffer = Uint8Array.from({ length: width * height + 16 }, () => (next() < 0.3 ? 255 : next() * 256));
  const one = createShrink(width, height);
  const expected = new Uint16Array((width >> 1) * (height >> 1));
  const found = new Uint16Array(expected.length);
  for (const begin of [0, 1, 2, 3]) {
    const frame = buffer.subarray(begin, begin + width * height);
    shrink(frame, width, height, expected);
    one(frame, found);
    expect(found).toEqual(expected);
  }
});

it('keeps a plain picture plain, up to white', () => {
  const output = new Uint16Array(160 * 90);
  createShrink(320, 180)(new Uint8Array(320 * 180).fill(255), output);
  expect(new Set(output)).toEqual(new Set([255 * SHRUNK_SCALE]));
});
