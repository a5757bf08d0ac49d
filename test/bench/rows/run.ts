import type { Options } from '../options.ts';
import { runCost } from './cost.ts';
import { type EventsOutcome, runEvents } from './events.ts';
import type { CostRow, Plan } from './plan.ts';
import type { Result } from './result.ts';
import { type Bench, trialsOf } from './trials.ts';

/** A nuisance is learnt in about this much time. */
const NUISANCE_WARM_UP_SECONDS = 120;
/** Programs that decode everything have nothing to learn but the background. */
const PLAIN_WARM_UP_SECONDS = 20;
/** Events come when the camera is known. */
const EVENTS_WARM_UP_SECONDS = 60;

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
    const trialsByRow = rows.map((row) => trialsOf(row, bench));
    const rounds = Math.max(...trialsByRow.map((of) => of.length));
    for (let round = 0; round < rounds && !signal.aborted; round += 1) {
      const trials = trialsByRow.flatMap((of) => of[round] ?? []);
      const learns = trials.some(({ subject }) => subject.name === 'auto');
      const window = { seconds: options.seconds, warmUp: warmUpOf(rows, learns, options.warmUp) };
      const measured = await runCost(trials, window, signal);
      results.push(...measured);
      if (!signal.aborted) onResults(measured, results);
    }
  }
  const learns = bench.modes.includes('auto');
  const warmUp = learns ? Math.max(options.warmUp, EVENTS_WARM_UP_SECONDS) : PLAIN_WARM_UP_SECONDS;
  const { installation, modes, site, recording } = bench;
  const pairs = plan.events.map((kind) => ({ idle: recording(kind, 'idle'), events: recording(kind, 'events') }));
  if (signal.aborted) return { results, events: [], courses: [] };
  return { results, ...(await runEvents({ pairs, modes, installation, site, warmUp }, signal)) };
}

function warmUpOf(rows: readonly CostRow[], learns: boolean, asked: number): number {
  if (!learns) return Math.min(asked, PLAIN_WARM_UP_SECONDS);
  const isNuisance = rows.some(({ kind }) => kind.startsWith('nuisance'));
  return isNuisance ? Math.max(asked, NUISANCE_WARM_UP_SECONDS) : asked;
}
