import { z } from 'zod';
import { duration } from '../lib/units.ts';
import { parseBrokerUrl } from './address.ts';

export const mqttConfig = z
  .strictObject({
    url: z
      .string()
      .regex(/^(mqtts?|wss?):\/\/[^\s]+$/i, 'expected a broker URL that starts with mqtt://, mqtts://, ws:// or wss://')
      .refine(
        (url) => parseBrokerUrl(url) !== undefined,
        'expected a host and, if need be, a port: mqtt://192.0.2.5:1883',
      )
      .meta({ description: 'Broker to publish to.', examples: ['mqtt://localhost:1883'] }),
    username: z.string().optional(),
    password: z.string().optional().meta({ description: 'Best taken from the environment: `${NAME}`.' }),
    clientId: z.string().optional().meta({ description: 'Default: framegate-<gateway.id>.' }),
    prefix: z
      .string()
      .regex(/^[^#+\s/]+(\/[^#+\s/]+)*$/, 'expected a topic without wildcards')
      .default('framegate')
      .meta({ description: 'First part of every topic.' }),
    ca: z
      .string()
      .optional()
      .meta({ description: 'PEM file of the certificate authority of an mqtts:// or wss:// broker.' }),
    keepAlive: duration({ min: '5s', max: '10m' }).prefault('30s'),
    statsInterval: duration({ min: '1s', max: '1h' })
      .prefault('60s')
      .meta({ description: 'How often `stats` is published.' }),
  })
  .meta({ description: 'The MQTT broker.' });

export type MqttConfig = z.output<typeof mqttConfig>;
