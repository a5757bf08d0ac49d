/**
 * What it costs to watch: idle, busy, with many cameras.
 */
import { sleep } from '../../../src/lib/abort.ts';
import { measure } from '../measure/meter.ts';
import { type Result, resultOf } from './result.ts';
import { openStage, type Trial } from './stage.ts';

export interface CostWindow {
  /** Seconds that are not measured: start, first pictures, learning. */
  readonly warmUp: number;
  readonly seconds: number;
}

/** Runs the trials side by side. */
export async function runCost(
  trials: readonly Trial[],
  { warmUp, seconds }: CostWindow,
  signal: AbortSignal,
): Promise<Result[]> {
  await using stage = await openStage(trials);
  await sleep(warmUp * 1000, signal);
  const statuses = () => Promise.all(stage.running.map((subject) => subject.status()));
  const before = await statuses();
  const costs = await measure(
    stage.running.map(({ pids }) => pids),
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
