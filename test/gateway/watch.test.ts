import { expect, it } from 'vitest';
import { cameraConfig } from '../../src/config/schema.ts';
import type { LumaFrame } from '../../src/source/frame.ts';
import { createWatch } from '../../src/watch.ts';

const [WIDTH, HEIGHT] = [160, 90];
const MINUTE = 60_000;
const config = cameraConfig.parse({ url: 'rtsp://h/s', motion: { absorbAfter: '1h' } });

interface Square {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly level?: number;
}

/** A gray scene with bright squares in it, in pixels. */
function frame(at: number, squares: readonly Square[]): LumaFrame {
  const data = new Uint8Array(WIDTH * HEIGHT).fill(90);
  for (const { x, y, size, level = 220 } of squares) {
    for (let row = y; row < y + size; row += 1) data.fill(level, row * WIDTH + x, row * WIDTH + x + size);
  }
  return { at, time: at, width: WIDTH, height: HEIGHT, data };
}

/** Threads of a web that the wind blows through the upper right corner, each at another height. */
function web(at: number): readonly Square[] {
  const time = at % 5000;
  if (time >= 4000) return [];
  return [{ x: 112 + Math.round((time / 4000) * 24), y: 2 + ((Math.floor(at / 5000) * 7) % 20), size: 24 }];
}

/** A person that crosses the lower left half within ten seconds. */
const person = (at: number): Square => ({ x: 4 + Math.round((at % 10_000) / 200), y: 60, size: 16 });

/** Times at which frames were sent, of 5 a second. */
function run(minutes: number, squares: (at: number) => readonly Square[]) {
  const watch = createWatch(config);
  const sent: number[] = [];
  for (let at = 0; at < minutes * MINUTE; at += 200) if (watch.see(frame(at, squares(at))).reason) sent.push(at);
  const within = (from: number, to: number) => sent.filter((at) => at >= from * MINUTE && at < to * MINUTE).length;
  return { watch, within };
}

it('a camera with a web in the wind is limited, and the corner is blamed', () => {
  const { watch, within } = run(8, (at) => web(at));
  expect(within(1, 2)).toBeGreaterThanOrEqual(40);
  expect(within(7, 8)).toBeLessThanOrEqual(20);
  const [x = 0, y = 1, width = 1, height = 1] = watch.restlessness?.region ?? [];
  expect(x).toBeGreaterThan(0.55);
  expect([width < 0.45, y + height < 0.6]).toEqual([true, true]);
  expect(watch.restlessness?.proposedMask).toHaveLength(4);
});

it('a person who crosses the same picture is looked at as often as ever', () => {
  const { within } = run(8, (at) =>
    at >= 7 * MINUTE && at < 7 * MINUTE + 10_000 ? [...web(at), person(at)] : web(at),
  );
  expect(within(7, 7 + 10 / 60)).toBeGreaterThanOrEqual(8);
});

it('closes the gate when frames are not to be looked at', () => {
  const watch = createWatch(config);
  let at = 0;
  for (; at < 10_000; at += 200) watch.see(frame(at, []));
  for (; at < 13_000; at += 200) watch.see(frame(at, [person(at)]));
  expect(watch.open).toBe(true);
  expect(watch.close(at)).toEqual({ open: false, at });
  expect([watch.open, watch.close(at)]).toEqual([false, undefined]);
});

it('takes over another sensitivity without forgetting the scene', () => {
  const motion = { ...config.motion, improveContrast: false };
  const opens = (sensitivity: 'low' | 'high') => {
    const watch = createWatch({ ...config, motion });
    let at = 0;
    for (; at < 10_000; at += 200) watch.see(frame(at, []));
    watch.configure({ ...motion, sensitivity });
    // Twenty gray levels brighter than the scene.
    for (; at < 13_000; at += 200) watch.see(frame(at, [{ ...person(at), level: 110 }]));
    return watch.open;
  };
  expect([opens('high'), opens('low')]).toEqual([true, false]);
});
