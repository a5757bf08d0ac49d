import { z } from 'zod';

export const outboxConfig = z
  .strictObject({
    maxEntries: z.int().min(10).max(1_000_000).default(10_000).meta({
      description: 'Events that wait for the broker at most; beyond it the oldest is discarded, counted and logged.',
    }),
  })
  .prefault({})
  .meta({ description: 'The queue of events on their way to the broker.' });

export type OutboxConfig = z.output<typeof outboxConfig>;
