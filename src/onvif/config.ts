import { z } from 'zod';
import { duration } from '../lib/units.ts';

/** Parts of the topics that cameras use for things that move; tampering, lost signals and the like are none of them. */
const MOTION_TOPICS = [
  'CellMotionDetector',
  'MotionRegionDetector',
  'VideoSource/MotionAlarm',
  'FieldDetector',
  'LineDetector',
  'MyRuleDetector',
  'PeopleDetector',
  'TPSmartEventDetector',
];

export const onvifConfig = z
  .strictObject({
    enabled: z
      .boolean()
      .default(false)
      .meta({ description: 'Let the camera’s own motion (ONVIF events) open the gate as well.' }),
    url: z
      .string()
      .refine(
        (text) => /^https?:\/\/[^\s]+$/i.test(text) && URL.canParse(text),
        'expected a URL that starts with http:// or https://',
      )
      .optional()
      .meta({
        description:
          'Device service of the camera. Default: http://<host of the stream>/onvif/device_service. Credentials may stand in it.',
        examples: ['http://192.0.2.10:8000/onvif/device_service'],
      }),
    username: z
      .string()
      .regex(/^[^<>&]*$/, 'expected no <, > or &: ONVIF cannot carry them in a user name')
      .optional()
      .meta({ description: 'Default: that of `url`, else that of the stream.' }),
    password: z.string().optional().meta({ description: 'Best taken from the environment: `${NAME}`.' }),
    verifyCertificate: z.boolean().default(true).meta({
      description: 'Of an https:// url. Most cameras have a certificate that nobody signed: set false for them.',
    }),
    topics: z
      .array(z.string().min(1))
      .default([...MOTION_TOPICS])
      .meta({ description: 'Events whose topic has one of these in it, as whole levels, count as motion.' }),
    maxOn: duration({ min: '5s', max: '1h' }).prefault('2m').meta({
      description: 'Motion that the camera does not take back, nor repeats, is over after this long.',
    }),
  })
  .prefault({})
  .meta({ description: 'The camera’s own motion, told over ONVIF.' });

export type OnvifConfig = z.output<typeof onvifConfig>;
