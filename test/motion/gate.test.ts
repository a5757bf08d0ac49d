import { expect, it } from 'vitest';
import { createGate } from '../../src/motion/gate.ts';
import type { Motion, MotionState } from '../../src/motion/motion.ts';

const settings = { minFrames: 2, closeDelay: 5000 };

function motion(state: MotionState): Motion {
  return { state, score: 0, regions: [] };
}

it('opens at the first of minFrames moving frames in a row that completes the row', () => {
  const gate = createGate({ ...settings, minFrames: 3 });
  expect(gate.push(motion('moving'), 0)).toBeUndefined();
  expect(gate.push(motion('moving'), 200)).toBeUndefined();
  expect(gate.open).toBe(false);
  expect(gate.push(motion('moving'), 400)).toEqual({ open: true, at: 400 });
  expect(gate.open).toBe(true);
  expect(gate.push(motion('moving'), 600)).toBeUndefined();
});

it.each<MotionState>(['quiet', 'calibrating', 'scene_change'])(
  'starts the row anew after a frame that is %s',
  (state) => {
    const gate = createGate(settings);
    gate.push(motion('moving'), 0);
    gate.push(motion(state), 200);
    expect(gate.push(motion('moving'), 400)).toBeUndefined();
    expect(gate.push(motion('moving'), 600)).toEqual({ open: true, at: 600 });
  },
);

it('closes closeDelay after the last motion, and each single moving frame keeps it open', () => {
  const gate = createGate({ ...settings, minFrames: 1 });
  gate.push(motion('moving'), 0);
  expect(gate.push(motion('quiet'), 4800)).toBeUndefined();
  gate.push(motion('moving'), 4900);
  expect(gate.push(motion('quiet'), 9800)).toBeUndefined();
  expect(gate.push(motion('quiet'), 10_000)).toEqual({ open: false, at: 9900 });
  expect(gate.push(motion('quiet'), 10_200)).toBeUndefined();
});

it('closes when frames stop coming', () => {
  const gate = createGate({ ...settings, minFrames: 1 });
  gate.push(motion('moving'), 0);
  expect(gate.tick(4999)).toBeUndefined();
  expect(gate.tick(6000)).toEqual({ open: false, at: 5000 });
  expect(gate.tick(7000)).toBeUndefined();
  expect(gate.open).toBe(false);
});

it('closes over a gap that nobody ticked through, then needs a new row to open', () => {
  const gate = createGate(settings);
  gate.push(motion('moving'), 0);
  gate.push(motion('moving'), 200);
  expect(gate.push(motion('moving'), 60_000)).toEqual({ open: false, at: 5200 });
  expect(gate.push(motion('moving'), 60_200)).toEqual({ open: true, at: 60_200 });
});

it('closes at the next frame without motion when closeDelay is 0, and not between moving frames', () => {
  const gate = createGate({ minFrames: 1, closeDelay: 0 });
  expect(gate.push(motion('moving'), 0)).toEqual({ open: true, at: 0 });
  expect(gate.tick(1000)).toBeUndefined();
  expect(gate.push(motion('moving'), 2000)).toBeUndefined();
  expect(gate.push(motion('quiet'), 2200)).toEqual({ open: false, at: 2000 });
});

it('is active for the flicker of a few frames at high rates, and not a frame longer than motion at five a second', () => {
  const gate = createGate({ ...settings, minFrames: 1 });
  gate.push(motion('moving'), 0);
  expect(gate.active).toBe(true);
  gate.push(motion('quiet'), 100);
  expect(gate.active).toBe(true);
  gate.push(motion('quiet'), 200);
  expect(gate.active).toBe(false);
  expect(gate.open).toBe(true);
});
