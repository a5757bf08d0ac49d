import { z } from 'zod';
import { size } from '../lib/units.ts';

export const outboxConfig = z
  .strictObject({
    maxEntries: z.int().min(10).max(1_000_000).default(10_000).meta({
      description: 'Events that wait for the broker at most; beyond it the oldest is discarded, counted and logged.',
    }),
    maxBytes: size({ min: '1MiB' }).prefault('64MiB').meta({
      description: 'Bytes that wait for the broker at most, snapshots included; beyond it the oldest is discarded.',
    }),
  })
  .prefault({})
  .meta({ description: 'The queue of events on their way to the broker.' });

export type OutboxConfig = z.output<typeof outboxConfig>;
