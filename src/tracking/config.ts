import { z } from 'zod';
import { polygon } from '../lib/polygon.ts';
import { duration } from '../lib/units.ts';

export const trackingConfig = z
  .strictObject({
    labels: z
      .array(z.string().min(1))
      .default(['person', 'bicycle', 'car', 'motorcycle', 'bus', 'truck', 'cat', 'dog'])
      .meta({ description: 'Labels that are followed and reported; an empty list means all.' }),
    minScore: z
      .number()
      .min(0)
      .max(1)
      .default(0.5)
      .meta({ description: 'An object becomes an event once it reached this score.' }),
    endAfter: duration({ min: '500ms', max: '1h' }).prefault('6s').meta({
      description:
        'An object that was not seen for this long has ended; time for which the model did not answer does not count. Keep it longer than trigger.interval.',
    }),
    updateInterval: duration({ min: '100ms', max: '1h' }).prefault('5s').meta({
      description:
        'At most one `update` of an object in this time, unless its zones change or a clearly better frame of it comes.',
    }),
  })
  .prefault({})
  .meta({ description: 'How detections become objects over time.' });

export type TrackingConfig = z.output<typeof trackingConfig>;

export const zonesConfig = z
  .record(
    z.string().regex(/^[a-z0-9][a-z0-9_-]*$/, 'expected lower-case letters, digits, - and _'),
    z.strictObject({
      polygon,
      labels: z
        .array(z.string().min(1))
        .default([])
        .meta({ description: 'Only these labels; an empty list means all.' }),
    }),
  )
  .default({})
  .meta({ description: 'Named areas; an object is in a zone when the middle of its lower edge is.' });

export type ZonesConfig = z.output<typeof zonesConfig>;
