import { describe, expect, it } from 'vitest';
import { createSampler } from '../../src/trigger/sampler.ts';

/** Times and reasons of what is sent of frames at `times`. */
function sent(times: number[], isOpen: (at: number) => boolean, interval = 1000) {
  const sampler = createSampler({ interval });
  return times.flatMap((at) => {
    const reason = sampler.next(at, isOpen(at));
    return reason ? [[at, reason]] : [];
  });
}

/** Times of frames, every `step` ms up to `end`. */
function every(step: number, end: number): number[] {
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, index) => index * step);
}

describe('the sampler', () => {
  it('sends nothing while the gate is closed', () => {
    expect(sent(every(200, 5000), () => false)).toEqual([]);
  });

  it('sends the first frame of an opened gate at once, then one per interval, and stops when it closes', () => {
    expect(sent(every(200, 4000), (at) => at >= 400 && at <= 2600)).toEqual([
      [400, 'opened'],
      [1400, 'interval'],
      [2400, 'interval'],
    ]);
  });

  it('begins anew each time the gate opens', () => {
    expect(sent(every(200, 2000), (at) => at < 400 || at >= 800)).toEqual([
      [0, 'opened'],
      [800, 'opened'],
      [1800, 'interval'],
    ]);
  });

  it('sends nothing while the gate is open but nothing moves any more, and goes on when something does', () => {
    const sampler = createSampler({ interval: 1000 });
    const reasons = every(200, 3000).map((at) => sampler.next(at, true, at < 900 || at >= 2000));
    expect(reasons.flatMap((reason, index) => (reason ? [[index * 200, reason]] : []))).toEqual([
      [0, 'opened'],
      [2000, 'interval'],
      [3000, 'interval'],
    ]);
  });

  it('keeps the rate although frames come a little early and late', () => {
    const jittered = every(200, 60_000).map((at, index) => at + (index % 2 === 0 ? -15 : 15));
    const times = sent(jittered, () => true);
    expect(times.length).toBeGreaterThanOrEqual(60);
    expect(times.length).toBeLessThanOrEqual(61);
  });

  it('sends every frame when they come slower than the interval', () => {
    expect(sent(every(2000, 8000), () => true).length).toBe(5);
  });

  it('does not catch up after a gap', () => {
    expect(sent([0, 200, 9900, 10_100, 10_300, 11_100], () => true)).toEqual([
      [0, 'opened'],
      [9900, 'interval'],
      [10_100, 'interval'],
      [11_100, 'interval'],
    ]);
  });
});
