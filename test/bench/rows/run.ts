import type { Options } from '../options.ts';
import { runCost } from './cost.ts';
import { type EventsOutcome, runEvents } from './events.ts';
import type { Plan } from './plan.ts';
import type { Result } from './result.ts';
import { type Bench, trialsOf } from './trials.ts';

/**
 * A gateway runs for months. What runs a few times a second is compiled by V8 after minutes only; decoders that wait for the next wake are
 * renewed, without the memory of the last one, after one.
 */
const LEAST_WARM_UP_SECONDS = { busy: 240, scale: 120, idle: 0 } as const;

export interface Outcome extends EventsOutcome {
  readonly results: readonly Result[];
}

/**
 * Runs all rows of a plan, one round after the other.
 * @param onResults called with what is new and with all so far.
 */
export async function runPlan(
  plan: Plan,
  bench: Bench,
  options: Options,
  onResults: (results: readonly Result[], all: readonly Result[]) => void,
  signal: AbortSignal,
): Promise<Outcome> {
  const results: Result[] = [];
  for (const rows of plan.rounds) {
    if (signal.aborted) break;
    const least = rows.map(({ part, about }) => LEAST_WARM_UP_SECONDS[about === 'scale' ? about : part]);
    const window = { seconds: options.seconds, warmUp: Math.max(options.warmUp, ...least) };
    const measured = await runCost(trialsOf(rows, plan.mixed, bench), bench.recording, window, signal);
    results.push(...measured);
    if (!signal.aborted) onResults(measured, results);
  }
  const { installation, modes, site, recording } = bench;
  if (signal.aborted) return { results, events: [], courses: [] };
  return {
    results,
    ...(await runEvents({ kinds: plan.events, modes, installation, site, recording, warmUp: options.warmUp }, signal)),
  };
}
