import { expect, test } from 'vitest';
import { createRateGrid } from '../../../src/source/decode/rate-grid.ts';

test.each([
  [15, 5, 5],
  [25, 5, 5],
  [7, 5, 5],
  [10, 5, 5],
  [4, 5, 4],
  [30, 12, 12],
])('of %i frames a second, %i wanted, %i are looked at', (cameraFps, fps, expected) => {
  const wanted = createRateGrid(fps);
  const seconds = 60;
  let count = 0;
  for (let index = 0; index < cameraFps * seconds; index += 1) {
    const jitter = ((index * 37) % 11) - 5;
    if (wanted((index * 1000) / cameraFps + jitter)) count += 1;
  }
  expect(Math.abs(count / seconds - expected)).toBeLessThan(0.3);
});

test('time that goes back is not looked at twice', () => {
  const wanted = createRateGrid(5);
  expect([wanted(1000), wanted(800), wanted(1000), wanted(1200)]).toEqual([true, false, false, true]);
});
