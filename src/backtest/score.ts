/**
 * How good the events of a run are, measured by the truth.
 */
import type { Interval, Truth } from './truth.ts';

/** An event may begin or end this many seconds away from what it is about: truth is read by eye. */
const MARGIN = 1;

/** What was made of a clip. Times in seconds from its first frame. */
export interface Run {
  /** When the gate was open; the end is that of the clip if it never closed. */
  readonly events: readonly Interval[];
  /** Times of the frames that were looked at, and of those that were sent to the model. */
  readonly frames: readonly number[];
  readonly triggered: readonly number[];
}

export interface Score {
  readonly truthEvents: number;
  /** Truth events during any part of which the gate was open. */
  readonly hits: number;
  /** Events that overlap no truth interval widened by `MARGIN`. */
  readonly falseEvents: number;
  /** Seconds from the start of each truth event to its first triggered frame. */
  readonly onsetDelays: readonly number[];
  /** Triggered frames outside truth. */
  readonly outside: number;
  /** Frames inside truth, and those of them that were triggered. */
  readonly inside: number;
  readonly seen: number;
}

export function score({ motion, ignore }: Truth, run: Run): Score {
  const missed = missedEvents({ motion, ignore }, run);
  return {
    truthEvents: motion.length,
    hits: motion.length - missed.length,
    falseEvents: falseEvents({ motion, ignore }, run).length,
    onsetDelays: motion.flatMap(([start, end]) => {
      const first = run.triggered.find((time) => time >= start - MARGIN && time <= end);
      return first === undefined ? [] : [Math.max(0, first - start)];
    }),
    outside: run.triggered.filter((time) => !within(time, ignore) && !within(time, motion)).length,
    inside: run.frames.filter((time) => within(time, motion)).length,
    seen: run.triggered.filter((time) => within(time, motion)).length,
  };
}

/** Truth events in which the gate was never open. */
export function missedEvents({ motion }: Truth, { events }: Pick<Run, 'events'>): readonly Interval[] {
  return motion.filter((truth) => !events.some((event) => overlap(event, truth)));
}

export function falseEvents({ motion, ignore }: Truth, { events }: Pick<Run, 'events'>): readonly Interval[] {
  const tolerated = [...motion.map(([start, end]): Interval => [start - MARGIN, end + MARGIN]), ...ignore];
  return events.filter((event) => !tolerated.some((interval) => overlap(event, interval)));
}

/** Several scores as one. */
export function total(scores: readonly Score[]): Score {
  const sum = (pick: (one: Score) => number) => scores.reduce((all, one) => all + pick(one), 0);
  return {
    truthEvents: sum((one) => one.truthEvents),
    hits: sum((one) => one.hits),
    falseEvents: sum((one) => one.falseEvents),
    onsetDelays: scores.flatMap((one) => one.onsetDelays),
    outside: sum((one) => one.outside),
    inside: sum((one) => one.inside),
    seen: sum((one) => one.seen),
  };
}

/** The value below which `share` (0..1) of the values lie, by nearest rank; undefined when there are none. */
export function quantile(values: readonly number[], share: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))];
}

function overlap(a: Interval, b: Interval): boolean {
  return a[0] <= b[1] && a[1] >= b[0];
}

function within(time: number, intervals: readonly Interval[]): boolean {
  return intervals.some(([start, end]) => time >= start && time <= end);
}
