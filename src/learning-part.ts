import type { Config } from './config/schema.ts';
import type { Learner } from './learning/learner.ts';
import type { Part } from './parts.ts';
import type { Logger } from './telemetry/logger.ts';

/** Active learning as a part of the gateway; none while it is off. */
export function learningParts({ learning }: Config, learner: Learner, logger: Logger): Part[] {
  if (!learning) return [];
  const own = logger.child({ part: 'learning' });
  return [{ key: 'learning', stage: 'sink', settings: learning, run: (signal) => learner.run(learning, own, signal) }];
}
