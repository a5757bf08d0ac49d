import type { Film, Interval, Truth } from './film.ts';

/** An event may begin this long before what it is about, in seconds: truth is read by eye. */
const MARGIN = 1;

/** What a detector made of a film. Times in seconds. */
export interface Run {
  /** When its gate was open; the end is that of the film if it never closed. */
  readonly events: readonly Interval[];
  /** Times of all frames, and of those worth sending to the model. */
  readonly frames: readonly number[];
  readonly triggered: readonly number[];
  readonly cpuMs: number;
}

export interface Score {
  readonly truthEvents: number;
  readonly hits: number;
  /** Events that overlap no truth interval widened by `MARGIN`. */
  readonly falseEvents: number;
  /** Seconds from the start of each truth event that was hit to its first triggered frame. */
  readonly onsetDelays: readonly number[];
  readonly triggered: number;
  /** Triggered frames outside truth. */
  readonly outside: number;
  /** Frames inside truth, and those of them that were triggered. */
  readonly inside: number;
  readonly seen: number;
  readonly frames: number;
  readonly cpuMs: number;
}

export function score(film: Film, run: Run): Score {
  const { motion, ignore } = film.truth;
  const hits = motion.map((truth) => run.events.find((event) => overlap(event, truth)));
  const tolerated = [...motion.map(([start, end]): Interval => [start - MARGIN, end + MARGIN]), ...ignore];
  const counted = run.triggered.filter((time) => !within(time, ignore));
  return {
    truthEvents: motion.length,
    hits: hits.filter((event) => event).length,
    falseEvents: run.events.filter((event) => !tolerated.some((interval) => overlap(event, interval))).length,
    onsetDelays: motion.flatMap(([start, end]) => {
      const first = run.triggered.find((time) => time >= start - MARGIN && time <= end);
      return first === undefined ? [] : [Math.max(0, first - start)];
    }),
    triggered: counted.length,
    outside: counted.filter((time) => !within(time, motion)).length,
    inside: run.frames.filter((time) => within(time, motion)).length,
    seen: run.triggered.filter((time) => within(time, motion)).length,
    frames: run.frames.length,
    cpuMs: run.cpuMs,
  };
}

/** All films of a detector as one. */
export function total(scores: readonly Score[]): Score {
  const sum = (pick: (one: Score) => number) => scores.reduce((all, one) => all + pick(one), 0);
  return {
    truthEvents: sum((one) => one.truthEvents),
    hits: sum((one) => one.hits),
    falseEvents: sum((one) => one.falseEvents),
    onsetDelays: scores.flatMap((one) => one.onsetDelays),
    triggered: sum((one) => one.triggered),
    outside: sum((one) => one.outside),
    inside: sum((one) => one.inside),
    seen: sum((one) => one.seen),
    frames: sum((one) => one.frames),
    cpuMs: sum((one) => one.cpuMs),
  };
}

export function truthOf(text: string, clip: string): Truth | undefined {
  return (JSON.parse(text) as Record<string, Truth>)[clip];
}

function overlap(a: Interval, b: Interval): boolean {
  return a[0] <= b[1] && a[1] >= b[0];
}

function within(time: number, intervals: readonly Interval[]): boolean {
  return intervals.some(([start, end]) => time >= start && time <= end);
}
