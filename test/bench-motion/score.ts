import * as backtest from '../../src/backtest/score.ts';
import type { Film } from './film.ts';

/** What a detector made of a film. Times in seconds. */
export interface Run extends backtest.Run {
  readonly cpuMs: number;
}

/** As a backtest scores it, with what the table shows besides. */
export interface Score extends backtest.Score {
  /** Triggered frames, but for those that are not scored. */
  readonly triggered: number;
  readonly frames: number;
  readonly cpuMs: number;
}

export function score({ truth }: Film, run: Run): Score {
  const counted = run.triggered.filter((time) => !truth.ignore.some(([start, end]) => time >= start && time <= end));
  return {
    ...backtest.score(truth, run),
    triggered: counted.length,
    frames: run.frames.length,
    cpuMs: run.cpuMs,
  };
}

/** All films of a detector as one. */
export function total(scores: readonly Score[]): Score {
  const sum = (pick: (one: Score) => number) => scores.reduce((all, one) => all + pick(one), 0);
  return {
    ...backtest.total(scores),
    triggered: sum((one) => one.triggered),
    frames: sum((one) => one.frames),
    cpuMs: sum((one) => one.cpuMs),
  };
}
