import { isFramegateError } from '../lib/errors.ts';
import type { Supervision } from '../lib/supervise.ts';

/** Cameras lock accounts after a few wrong passwords, and nobody corrects one within seconds. */
const UNAUTHORIZED_DELAY_MS = 60_000;

/** How a camera that was lost is tried again. */
export function sourceSupervision(onFailure: Supervision['onFailure']): Supervision {
  return {
    backoff: { initialMs: 1000, maxMs: 30_000, healthyMs: 20_000 },
    onFailure,
    delayFor: (error, computedMs) =>
      isFramegateError(error, 'ERR_SOURCE_UNAUTHORIZED') ? UNAUTHORIZED_DELAY_MS : computedMs,
  };
}
