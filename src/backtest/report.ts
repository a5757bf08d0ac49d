/**
 * The figures of a backtest, as they stand in report.json.
 */
import { type Answers, answersOf } from './answers.ts';
import type { ClipOutcome, VariantRun } from './detail.ts';
import { falseEvents, missedEvents, quantile, type Score, score, total } from './score.ts';
import type { Interval, Truth } from './truth.ts';

/** Of a clip, or of all clips together. What only truth can tell is null where there is none. */
export interface Figures {
  readonly seconds: number;
  readonly truth_events: number | null;
  readonly events: number;
  readonly hits: number | null;
  readonly misses: number | null;
  readonly false_events: number | null;
  readonly false_events_per_hour: number | null;
  /** Seconds from the start of a truth event to the first frame that is sent. */
  readonly onset_delay_s: { readonly median: number | null; readonly p95: number | null } | null;
  /** Pictures of the clip; of them those that motion looked at, that a live gateway would have decoded, and that are sent to the model. */
  readonly frames: number;
  readonly frames_seen: number;
  readonly frames_decoded: number;
  readonly frames_triggered: number;
  /** Sent besides, because of `trigger.every`: what moves does not matter, so they are not scored. */
  readonly frames_by_time: number;
  readonly frames_triggered_outside_truth: number | null;
  /** Null unless asked for: it is another one each time. */
  readonly cpu_seconds: number | null;
}

export interface ClipFigures extends Figures {
  /** `[start, end]` in seconds from the first frame. */
  readonly event_times: readonly Interval[];
  readonly missed_times: readonly Interval[] | null;
  readonly false_times: readonly Interval[] | null;
  readonly notes: readonly string[];
  readonly inference?: Answers;
}

export interface Report {
  readonly version: string;
  readonly config_hash: string;
  readonly clips: Readonly<Record<string, ClipFigures>>;
  readonly total: Figures;
  /** Clips that could not be replayed or scored, and why. */
  readonly failed: Readonly<Record<string, string>>;
  readonly sweep?: readonly SweepRow[];
  readonly tune?: unknown;
}

export interface SweepRow {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly config_hash: string;
  readonly total: Figures;
}

/** What one set of settings made of one clip. */
export interface Judged {
  readonly figures: Figures;
  readonly score: Score | undefined;
  readonly outcome: ClipOutcome;
  readonly run: VariantRun;
}

export function judge(outcome: ClipOutcome, run: VariantRun, truth: Truth | undefined, timing: boolean): Judged {
  const scored = truth && score(truth, { ...run, frames: run.seen });
  return {
    figures: {
      ...scoredFigures(scored, outcome.seconds),
      seconds: round(outcome.seconds),
      events: run.events.length,
      frames: outcome.frames,
      frames_seen: run.seen.length,
      frames_decoded: run.framesDecoded,
      frames_triggered: run.triggered.length,
      frames_by_time: run.framesByTime,
      cpu_seconds: timing ? round(outcome.cpuSeconds) : null,
    },
    score: scored,
    outcome,
    run,
  };
}

export function clipFigures({ figures, run, outcome }: Judged, truth: Truth | undefined): ClipFigures {
  return {
    ...figures,
    event_times: run.events.map(rounded),
    missed_times: truth ? missedEvents(truth, run).map(rounded) : null,
    false_times: truth ? falseEvents(truth, run).map(rounded) : null,
    notes: outcome.notes,
    ...(outcome.answers && { inference: answersOf(outcome.answers, run.events) }),
  };
}

/** All clips together; what truth tells is told of those that have some. */
export function totalOf(judged: readonly Judged[], timing: boolean): Figures {
  const sum = (pick: (one: Figures) => number) => judged.reduce((all, { figures }) => all + pick(figures), 0);
  const withTruth = judged.filter(({ score: scored }) => scored);
  const all = total(withTruth.flatMap(({ score: scored }) => scored ?? []));
  const seconds = withTruth.reduce((time, { outcome }) => time + outcome.seconds, 0);
  return {
    ...scoredFigures(withTruth.length > 0 ? all : undefined, seconds),
    seconds: round(judged.reduce((time, { outcome }) => time + outcome.seconds, 0)),
    events: sum(({ events }) => events),
    frames: sum(({ frames }) => frames),
    frames_seen: sum(({ frames_seen }) => frames_seen),
    frames_decoded: sum(({ frames_decoded }) => frames_decoded),
    frames_triggered: sum(({ frames_triggered }) => frames_triggered),
    frames_by_time: sum(({ frames_by_time }) => frames_by_time),
    cpu_seconds: timing ? round(judged.reduce((time, { outcome }) => time + outcome.cpuSeconds, 0)) : null,
  };
}

function scoredFigures(scored: Score | undefined, seconds: number) {
  if (!scored) {
    return {
      truth_events: null,
      hits: null,
      misses: null,
      false_events: null,
      false_events_per_hour: null,
      onset_delay_s: null,
      frames_triggered_outside_truth: null,
    };
  }
  return {
    truth_events: scored.truthEvents,
    hits: scored.hits,
    misses: scored.truthEvents - scored.hits,
    false_events: scored.falseEvents,
    false_events_per_hour: seconds > 0 ? round((3600 * scored.falseEvents) / seconds) : 0,
    onset_delay_s: { median: part(scored.onsetDelays, 0.5), p95: part(scored.onsetDelays, 0.95) },
    frames_triggered_outside_truth: scored.outside,
  };
}

function part(delays: readonly number[], share: number): number | null {
  const value = quantile(delays, share);
  return value === undefined ? null : round(value);
}

/** To a millisecond: more is noise. */
const round = (value: number) => Math.round(value * 1000) / 1000;
const rounded = ([start, end]: Interval): Interval => [round(start), round(end)];
