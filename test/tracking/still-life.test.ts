import { describe, expect, it } from 'vitest';
import type { Detection } from '../../src/inference/detection.ts';
import type { Box } from '../../src/lib/box.ts';
import { trackingConfig } from '../../src/tracking/config.ts';
import { createTracker } from '../../src/tracking/tracker.ts';

const SECOND = 1000;
const car: Box = [0.1, 0.5, 0.2, 0.2];
const elsewhere: Box[] = [[0.7, 0.5, 0.1, 0.3]];

const seen = (label: string, [x, y, w, h]: Box, score = 0.8): Detection => ({
  label,
  score,
  // No two answers are the same.
  box: [x + Math.random() * 0.01, y, w, h - Math.random() * 0.01],
});

function follow() {
  const tracker = createTracker(trackingConfig.parse({}), {});
  const told: string[] = [];
  const look = (at: number, detections: Detection[], motion?: Box[]) => {
    tracker.triggered();
    const changes = tracker.update(detections, { at, time: at }, motion);
    told.push(...changes.filter(({ type }) => type !== 'update').map(({ type, track }) => `${type} ${track.label}`));
  };
  const rest = (from: number, to: number) => {
    for (let at = from; at < to; at += 500)
      told.push(...tracker.tick(at, at).map(({ type, track }) => `${type} ${track.label}`));
  };
  return { told, look, rest, tracker };
}

describe('a detection that does not move', () => {
  it('is news once: a parked car does not report itself whenever something else moves', () => {
    const { told, look, rest } = follow();
    for (let hour = 0; hour < 12; hour += 1) {
      const at = hour * 1800 * SECOND;
      for (let second = 0; second < 10; second += 1) look(at + second * SECOND, [seen('car', car)], elsewhere);
      rest(at + 10 * SECOND, at + 30 * SECOND);
    }
    expect(told).toEqual(['new car', 'end car']);
  });

  it('ends after a minute, also while something else moves without end', () => {
    const { told, look } = follow();
    for (let second = 0; second < 600; second += 1) look(second * SECOND, [seen('car', car)], elsewhere);
    expect(told).toEqual(['new car', 'end car']);
  });

  it('is not taken to move when somebody walks past it', () => {
    const { told, look, rest } = follow();
    look(0, [seen('car', car)], elsewhere);
    rest(SECOND, 20 * SECOND);
    look(20 * SECOND, [seen('car', car)], [[0.1, 0.4, 0.05, 0.3]]);
    expect(told).toEqual(['new car', 'end car']);
  });

  it('is news again when it moves', () => {
    const { told, look, rest } = follow();
    look(0, [seen('car', car)], elsewhere);
    rest(SECOND, 20 * SECOND);
    look(20 * SECOND, [seen('car', car)], [[0.08, 0.48, 0.25, 0.25]]);
    expect(told).toEqual(['new car', 'end car', 'new car']);
  });

  it('does not keep another one from being told', () => {
    const { told, look, rest } = follow();
    look(0, [seen('car', car)], elsewhere);
    rest(SECOND, 20 * SECOND);
    look(20 * SECOND, [seen('car', car), seen('person', elsewhere[0]!)], elsewhere);
    look(21 * SECOND, [seen('car', [0.4, 0.1, 0.2, 0.2])], elsewhere);
    expect(told).toEqual(['new car', 'end car', 'new person', 'new car']);
  });

  it('is followed on when it stops, and counts as always where motion is not known', () => {
    const moving = follow();
    for (let second = 0; second < 5; second += 1) {
      const box: Box = [0.1 + second * 0.05, 0.5, 0.1, 0.3];
      moving.look(second * SECOND, [seen('person', box)], [box]);
    }
    for (let second = 5; second < 40; second += 1)
      moving.look(second * SECOND, [seen('person', [0.3, 0.5, 0.1, 0.3])], elsewhere);
    expect(moving.told).toEqual(['new person']);
    const asked = follow();
    asked.look(0, [seen('car', car)]);
    asked.rest(SECOND, 20 * SECOND);
    asked.look(20 * SECOND, [seen('car', car)]);
    expect(asked.told).toEqual(['new car', 'end car', 'new car']);
  });
});
