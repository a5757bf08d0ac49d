/**
 * What it costs to watch: idle, busy, with many cameras.
 */
import { sleep } from '../../../src/lib/abort.ts';
import { measure } from '../measure/meter.ts';
import type { KindName } from '../streams/kinds.ts';
import type { Part, Recording } from '../streams/streams.ts';
import { teach } from './lessons.ts';
import { type Result, resultOf } from './result.ts';
import { openStage, type Stage, type Trial } from './stage.ts';

export interface CostWindow {
  /** Seconds that are not measured, after learning: decoders go to rest, background is learnt. */
  readonly warmUp: number;
  readonly seconds: number;
}

/** Runs the trials side by side, and then the second windows of those that have one. */
export async function runCost(
  trials: readonly Trial[],
  recording: (kind: KindName, part: Part) => Recording,
  window: CostWindow,
  signal: AbortSignal,
): Promise<Result[]> {
  await using stage = await openStage(trials, recording);
  await teach(stage, window.warmUp, signal);
  if (signal.aborted) return [];
  const first = await measureAll(trials, stage, window.seconds, signal);
  const again: Trial[] = trials.flatMap((trial) => (trial.next ? [{ ...trial, ...trial.next }] : []));
  if (again.length === 0 || signal.aborted) return first;
  for (const [index, { recordings, next }] of trials.entries()) {
    for (const [at, { file }] of (next?.recordings ?? []).entries()) {
      if (file !== recordings[at]?.file) await stage.cameras.switchTo(stage.cameraNumbers(index)[at]!, file);
    }
  }
  await sleep(window.warmUp * 1000, signal);
  const rows = new Map(again.map((trial) => [trial.id, trial]));
  const second = await measureAll(
    trials.map((trial) => rows.get(trial.id) ?? trial),
    stage,
    window.seconds,
    signal,
  );
  return [...first, ...second.filter(({ row }) => again.some((trial) => trial.row === row))];
}

async function measureAll(
  trials: readonly Trial[],
  stage: Stage,
  seconds: number,
  signal: AbortSignal,
): Promise<Result[]> {
  const running = trials.map((_, index) => stage.running(index));
  const statuses = () => Promise.all(running.map((subject) => subject.status()));
  const before = await statuses();
  const costs = await measure(
    running.map(({ pids }) => pids),
    { seconds, every: 1 },
    signal,
  );
  const after = await statuses();
  const views = await stage.cameras.look();
  return trials.map((trial, index) => {
    // A client that does not play any more costs nothing, which must not be taken for thrift.
    const isServed = stage.cameraNumbers(index).every((number) => (views[number]?.clients ?? 0) >= clientsOf(number));
    return resultOf(trial, isServed ? costs[index] : undefined, before[index]!, after[index]!);
  });

  function clientsOf(number: number): number {
    return trials.filter((_, index) => stage.cameraNumbers(index).includes(number)).length;
  }
}
