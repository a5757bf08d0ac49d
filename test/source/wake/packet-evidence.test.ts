import { expect, test } from 'vitest';
import { PacketEvidence } from '../../../src/source/wake/packet-evidence.ts';
import { PacketTrust } from '../../../src/source/wake/packet-trust.ts';

type Interval = readonly [from: number, to: number];

/** Seconds of a stream that is decoded from `watched` on; frames at 5 a second are seen `lag` seconds after their packets. */
function observe(options: {
  readonly seconds: number;
  readonly moves: readonly Interval[];
  readonly says: readonly Interval[];
  readonly watched?: number;
  readonly lag?: number;
}) {
  const counts = { told: 0, missed: 0, quiet: 0, alarms: 0 };
  const trust = new PacketTrust();
  trust.onset = (told) => void (told ? counts.told++ : counts.missed++);
  trust.quiet = (alarm) => void (alarm ? counts.alarms++ : counts.quiet++);
  const evidence = new PacketEvidence(trust);
  const isIn = (at: number, intervals: readonly Interval[]) => intervals.some(([from, to]) => at >= from && at < to);
  for (let tick = 0; tick < options.seconds * 10; tick += 1) {
    const at = tick / 10;
    evidence.packet(at * 1000, isIn(at, options.says) ? 1.2 : 0.1);
    const seen = at - (options.lag ?? 0);
    if (tick % 2 === 0 && seen >= (options.watched ?? 0)) evidence.watched(seen * 1000, isIn(seen, options.moves));
  }
  return counts;
}

test('an onset that packets tell about then counts for them, one that they do not tell against them', () => {
  const moves: Interval[] = [
    [20, 25],
    [40, 45],
  ];
  expect(observe({ seconds: 60, moves, says: [[20.4, 25.3]] })).toMatchObject({ told: 1, missed: 1, alarms: 0 });
});

test('packets may be early, but not late', () => {
  expect(observe({ seconds: 30, moves: [[20, 25]], says: [[19, 19.5]] })).toMatchObject({ told: 1, missed: 0 });
  expect(observe({ seconds: 30, moves: [[20, 25]], says: [[22, 25]] })).toMatchObject({ told: 0, missed: 1 });
});

test('it makes no difference that a replay is seen some seconds later', () => {
  const scene = { seconds: 60, moves: [[20, 25]], says: [[20.4, 25.3]] } as const;
  expect(observe({ ...scene, lag: 5 })).toMatchObject({ told: 1, missed: 0 });
});

test('motion that was under way when watching began is no onset', () => {
  expect(observe({ seconds: 30, moves: [[10, 25]], says: [], watched: 15 })).toMatchObject({ told: 0, missed: 0 });
});

test('what packets tell while nothing moves is a false alarm', () => {
  const counts = observe({ seconds: 60, moves: [], says: [[30, 30.5]] });
  expect(counts.alarms).toBe(1);
  expect(counts.quiet).toBeGreaterThan(20);
});
