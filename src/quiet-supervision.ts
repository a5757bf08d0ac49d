import { describeError } from './lib/errors.ts';
import type { Supervision } from './lib/supervise.ts';
import type { Logger } from './telemetry/logger.ts';

/** Restarts a part for ever, with `message` in the log at the first, second, fourth, eighth failure in a row: an outage of a day does not fill it. */
export function quietSupervision(logger: Logger, message: string): Supervision {
  return {
    backoff: { initialMs: 1000, maxMs: 30_000, healthyMs: 10_000 },
    onFailure: (error, restartInMs, attempt) => {
      if ((attempt & (attempt - 1)) === 0) logger.warn({ reason: describeError(error), attempt, restartInMs }, message);
    },
  };
}
