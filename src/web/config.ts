import { z } from 'zod';

export const httpConfig = z
  .strictObject({
    host: z
      .enum(['127.0.0.1', '::1', 'localhost'])
      .default('127.0.0.1')
      .meta({ description: 'Address to listen on; loopback only as long as there is no login.' }),
    port: z
      .int()
      .min(0)
      .max(65_535)
      .default(8080)
      .meta({ description: 'Port of the gateway’s HTTP API; 0 takes any free one.' }),
  })
  .prefault({})
  .meta({ description: 'HTTP of the gateway: status, metrics and health.' });

export type HttpConfig = z.output<typeof httpConfig>;
