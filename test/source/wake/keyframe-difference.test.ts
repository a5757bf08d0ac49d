import { expect, test } from 'vitest';
import type { LumaFrame } from '../../../src/source/frame.ts';
import { KeyframeDifference } from '../../../src/source/wake/keyframe-difference.ts';

const [width, height] = [320, 180];
let state = 7;
const random = () => {
  state = (state * 1103515245 + 12345) % 2 ** 31;
  return state / 2 ** 31;
};

/** A gray ramp with sensor noise; `paint` may draw on it. */
function picture(noise: number, paint: (x: number, y: number) => number = () => 0): LumaFrame {
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      data[y * width + x] = Math.min(255, Math.max(0, 60 + x / 4 + paint(x, y) + (random() - 0.5) * 2 * noise));
    }
  }
  return { width, height, data, at: 0, time: 0 };
}

const box = (left: number, top: number, size: number) => (x: number, y: number) =>
  x >= left && x < left + size && y >= top && y < top + size ? 60 : 0;

function warm(noise: number): KeyframeDifference {
  const difference = new KeyframeDifference();
  for (let count = 0; count < 8; count += 1) difference.push(picture(noise));
  return difference;
}

test.each([2, 8, 20])('sensor noise of %i gray levels is quiet', (noise) => {
  const difference = warm(noise);
  expect(Array.from({ length: 60 }, () => difference.push(picture(noise))).filter(Boolean)).toEqual([]);
});

test('something of the size of a thumb is seen', () => {
  expect(warm(6).push(picture(6, box(100, 60, 12)))).toBe(true);
});

test('the light of the whole picture may change', () => {
  expect(warm(3).push(picture(3, () => 25))).toBe(false);
});

test('what never rests is masked after it woke in vain, and the rest of the picture is not', () => {
  const difference = warm(3);
  const clock = (tick: number) => (x: number, y: number) => (x < 40 && y < 16 && (x * 7 + tick * 13) % 5 < 2 ? 120 : 0);
  let wakes = 0;
  for (let tick = 0; tick < 40; tick += 1) {
    if (!difference.push(picture(3, clock(tick % 2)))) continue;
    wakes += 1;
    difference.wasWrong(difference.moved);
  }
  expect(wakes).toBeLessThan(8);
  expect(difference.push(picture(3, (x, y) => clock(0)(x, y) + box(200, 100, 14)(x, y)))).toBe(true);
});

test('another size of picture begins anew', () => {
  const difference = warm(3);
  const small = { ...picture(3), width: 160, height: 120, data: new Uint8Array(160 * 120) };
  expect(difference.push(small)).toBe(false);
});
