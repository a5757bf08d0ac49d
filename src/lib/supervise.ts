import { sleep } from './abort.ts';
import type { Task } from './together.ts';

export interface Backoff {
  /** Longest wait before the first restart, in ms; doubles with each failure in a row. */
  readonly initialMs: number;
  /** Upper bound of the wait, in ms. */
  readonly maxMs: number;
  /** A run that lasted this long was healthy: the next failure starts from `initialMs` again. */
  readonly healthyMs: number;
}

export interface Supervision {
  readonly backoff: Backoff;
  /** Called once per failure, before the wait. `attempt` counts failures in a row from 1. */
  readonly onFailure: (error: unknown, restartInMs: number, attempt: number) => void;
  /** Replaces the back-off for this error, e.g. a longer wait where a camera locks accounts after wrong passwords. */
  readonly delayFor?: (error: unknown, computedMs: number) => number;
}

/**
 * The one place that restarts things. Runs `task` until `signal` aborts; after each end or failure waits with full jitter
 * (uniform between half and the whole of an exponentially growing bound, so that twenty cameras do not come back in step).
 */
export async function supervise(task: Task, signal: AbortSignal, supervision: Supervision): Promise<void> {
  const { backoff, onFailure, delayFor } = supervision;
  let attempt = 0;
  while (!signal.aborted) {
    const startedAt = performance.now();
    let error: unknown;
    try {
      await task(signal);
    } catch (caught) {
      error = caught;
    }
    if (signal.aborted) return;
    attempt = performance.now() - startedAt >= backoff.healthyMs ? 1 : attempt + 1;
    const bound = Math.min(backoff.maxMs, backoff.initialMs * 2 ** (attempt - 1));
    const jittered = bound * (0.5 + Math.random() / 2);
    const delay = Math.round(delayFor ? delayFor(error, jittered) : jittered);
    onFailure(error, delay, attempt);
    await sleep(delay, signal);
  }
}
