import { z } from 'zod';
import { size } from '../lib/units.ts';

export const serveConfig = z
  .strictObject({
    host: z
      .string()
      .min(1)
      .default('127.0.0.1')
      .meta({ description: 'Address to listen on; 0.0.0.0 lets other machines in.' }),
    port: z.int().min(0).max(65_535).default(9001).meta({ description: 'Port to listen on; 0 takes any free one.' }),
    models: z
      .array(z.string().regex(/^[^/\s]+\/[^/\s]+$/, 'expected project/version, such as coco/1'))
      .default([])
      .meta({ description: 'Models to load at start; an empty list means all in the store.' }),
    maxImage: size({ min: '64KiB' }).prefault('20MiB').meta({ description: 'Largest request body.' }),
    maxQueue: z
      .int()
      .min(1)
      .max(1000)
      .default(32)
      .meta({ description: 'Requests that wait for a worker; beyond it the answer is 503.' }),
  })
  .prefault({})
  .meta({ description: 'The inference microservice (framegate serve).' });

export type ServeConfig = z.output<typeof serveConfig>;
