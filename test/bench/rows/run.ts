import type { Options } from '../options.ts';
import { runCost } from './cost.ts';
import { type EventsOutcome, runEvents } from './events.ts';
import type { Plan } from './plan.ts';
import type { Result } from './result.ts';
import { type Bench, trialsOf } from './trials.ts';

/** What runs a few times a second is compiled by V8 after minutes only, and a gateway runs for months. */
const BUSY_WARM_UP_SECONDS = 240;

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
    const least = rows.some(({ part }) => part === 'busy') ? BUSY_WARM_UP_SECONDS : 0;
    const window = { seconds: options.seconds, warmUp: Math.max(least, options.warmUp) };
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
