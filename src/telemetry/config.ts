import { z } from 'zod';

export const logConfig = z
  .strictObject({
    level: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  })
  .prefault({})
  .meta({ description: 'What is written to the log (stderr, or the journal under systemd).' });

export type LogConfig = z.output<typeof logConfig>;
