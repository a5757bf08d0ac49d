import { z } from 'zod';
import { duration } from '../lib/units.ts';
import { onvifConfig } from '../onvif/config.ts';

const mqttTrigger = z
  .strictObject({
    topic: z
      .string()
      .min(1)
      .regex(
        /^(?:[^#+/\0]*|\+)(?:\/(?:[^#+/\0]*|\+))*(?:\/#)?$|^#$/,
        'expected a topic, in which + stands for one level',
      )
      .meta({
        description: 'Topic to listen to, such as that of a motion sensor.',
        examples: ['zigbee2mqtt/yard-pir'],
      }),
    key: z
      .string()
      .min(1)
      .optional()
      .meta({ description: 'Of a JSON payload this key is looked at, such as `occupancy` or `state.motion`.' }),
    payload: z
      .union([z.string(), z.number(), z.boolean()])
      .transform(String)
      .optional()
      .meta({ description: 'Only this payload, or value of `key`, opens the gate; without it any does.' }),
  })
  .meta({ description: 'An MQTT topic of something else that opens the gate.' });

export type MqttTriggerConfig = z.output<typeof mqttTrigger>;

export const triggerConfig = z
  .strictObject({
    interval: duration({ min: '50ms', max: '1h' })
      .prefault('1s')
      .meta({ description: 'While the gate is open a frame is sent at once, then one per interval.' }),
    every: duration({ min: '1s', max: '7d' })
      .optional()
      .meta({ description: 'One frame this often, whatever moves. Without it: never.' }),
    duration: duration({ min: '1s', max: '1h' }).prefault('10s').meta({
      description: 'For so long something from outside (MQTT, HTTP, CLI) opens the gate, unless it says for how long.',
    }),
    mqtt: mqttTrigger.optional(),
    onvif: onvifConfig,
  })
  .prefault({})
  .meta({ description: 'Which frames are sent to the model.' });

export type TriggerConfig = z.output<typeof triggerConfig>;
