import { describe, expect, test } from 'vitest';
import { spentBetween } from './measure/process-tree.ts';
import { learnTimeline } from './streams/timeline.ts';

describe('what cameras learn from', () => {
  test.each([1, 2, 10])(
    'GOPs of %i s have one without motion between two walks, and the recording ends with one',
    (gop) => {
      const { activities, seconds } = learnTimeline(gop);
      expect(activities.length).toBeGreaterThanOrEqual(3);
      expect(seconds / gop).toBe(Math.round(seconds / gop));
      const ends = activities.map(({ start, seconds: length }) => Math.floor((start + length) / gop));
      const starts = [...activities.slice(1).map(({ start }) => Math.floor(start / gop)), seconds / gop];
      for (const [index, end] of ends.entries()) expect(starts[index]! - end).toBeGreaterThanOrEqual(1);
    },
  );
});

describe('CPU time is told by program', () => {
  const processes = (entries: ReadonlyArray<readonly [number, string, number]>) =>
    new Map(entries.map(([pid, name, seconds]) => [pid, { name, seconds }]));

  test('what came or went meanwhile is short-lived, without what it used before', () => {
    const before = {
      total: 15,
      ended: 0,
      processes: processes([
        [1, 'node', 10],
        [2, 'ffmpeg', 5],
      ]),
    };
    const after = {
      total: 19,
      ended: 6,
      processes: processes([
        [1, 'node', 11],
        [3, 'ffmpeg', 2],
      ]),
    };
    expect(spentBetween(before, after)).toEqual({ node: 1, 'short-lived': 3 });
  });
});
