import { expect, test } from 'vitest';
import { createStreamClock } from '../../src/source/stream-clock.ts';

test('jitter of the network does not show', () => {
  const clock = createStreamClock();
  const delays = [0, 30, 5, 80, 0, 40];
  const at = delays.map((delay, index) => clock(index * 100, 1000 + index * 100 + delay));
  expect(at.map((value) => Math.round(value))).toEqual([1000, 1100, 1200, 1300, 1400, 1500]);
});

test('a burst at the start does not put later frames into the past', () => {
  const clock = createStreamClock();
  for (let index = 0; index <= 20; index += 1) clock(index * 100, 5000);
  expect(clock(2100, 5100)).toBeCloseTo(5100, 0);
});

test('time never goes back nor into the future, whatever the camera says', () => {
  const clock = createStreamClock();
  let last = 0;
  const pts = [0, 100, 200, 50_000, 50_100, 0, 100, 100, 100, 100, -5, 300];
  for (const [index, value] of pts.entries()) {
    const arrived = 1000 + index * 100;
    const at = clock(value, arrived);
    expect(at).toBeGreaterThanOrEqual(last);
    expect(at).toBeLessThanOrEqual(arrived);
    last = at;
  }
});

test('a clock that stands still is followed by the time of arrival', () => {
  const clock = createStreamClock();
  clock(0, 0);
  for (let index = 1; index < 100; index += 1) expect(clock(0, index * 100)).toBe(index * 100);
  expect(clock(10_000, 10_030)).toBe(10_030);
});

test('a camera whose clock runs slow by 100 ppm does not fall behind', () => {
  const clock = createStreamClock();
  let lag = 0;
  for (let index = 0; index < 36_000; index += 1) {
    const arrived = index * 100;
    lag = arrived - clock(arrived * 0.9999, arrived);
  }
  expect(lag).toBeLessThan(1);
});
