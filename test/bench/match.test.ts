import { describe, expect, test } from 'vitest';
import { match } from './rows/match.ts';
import type { Told } from './subjects/site.ts';

const ZERO = 1_790_000_000_000;
const TRUTH = [
  [10, 10.5],
  [30, 40],
] as const;

/** The gate opens with the frame captured at `first`, which is told at `told`, and closes at `closed`. */
function opening(first: number, told: number, closed: number): Told[] {
  const at = (second: number) => ZERO + second * 1000;
  return [
    { what: 'opened', at: at(told), captured: 0 },
    { what: 'triggered', at: at(told + 0.2), captured: at(first) },
    { what: 'closed', at: at(closed), captured: 0 },
  ];
}

describe('what a gateway told is compared with the truth', () => {
  test('an event that was found after its end counts, with the frame that opened the gate and the delay until it was told', () => {
    const { events, falseOpens } = match(opening(10.25, 11.5, 16), TRUTH, ZERO, 60);
    expect(events[0]).toMatchObject({ found: true, firstFrame: 10.25, toldAfter: 1.5 });
    expect(events[1]).toMatchObject({ found: false, firstFrame: undefined, toldAfter: undefined });
    expect(falseOpens).toBe(0);
  });

  test('an opening away from all events is false and finds nothing', () => {
    const { events, falseOpens } = match(opening(20, 20.1, 26), TRUTH, ZERO, 60);
    expect(events.map(({ found }) => found)).toEqual([false, false]);
    expect(falseOpens).toBe(1);
  });

  test('a gate that is still open when an event begins finds it, but says nothing of its start', () => {
    const { events, falseOpens } = match(opening(20, 20.1, 44), TRUTH, ZERO, 60);
    expect(events[1]).toMatchObject({ found: true, firstFrame: undefined, toldAfter: undefined });
    expect(falseOpens).toBe(0);
  });

  test('a gate that only waits to close finds nothing', () => {
    expect(match(opening(25, 25.1, 33), TRUTH, ZERO, 60).events[1]?.found).toBe(false);
  });

  test('what was told before the stream began does not count', () => {
    expect(match(opening(-3, -2.9, 4), TRUTH, ZERO, 60)).toMatchObject({ falseOpens: 0 });
  });
});
