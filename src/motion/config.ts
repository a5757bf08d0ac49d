import { z } from 'zod';
import { polygon } from '../lib/polygon.ts';
import { duration } from '../lib/units.ts';

export const motionConfig = z
  .strictObject({
    threshold: z.int().min(4).max(255).default(25).meta({
      description: 'Gray levels by which a pixel must differ from the background, at least; noise raises it by itself.',
    }),
    noiseFactor: z.number().min(0).max(20).default(6).meta({
      description: 'A pixel must also differ by this many times its own usual noise: leaves, water, rain, night.',
    }),
    minArea: z
      .number()
      .min(0.00005)
      .max(1)
      .default(0.0008)
      .meta({ description: 'Smallest connected region that counts as motion, as a fraction of the frame.' }),
    improveContrast: z
      .boolean()
      .default(true)
      .meta({ description: 'Lower the threshold for dull pictures: fog, dusk, night.' }),
    absorbAfter: duration({ min: '1s', max: '1h' }).prefault('20s').meta({
      description: 'Something that came and keeps still, such as a parked car, is background after this long.',
    }),
    sceneChange: z.number().min(0.2).max(1).default(0.6).meta({
      description:
        'When more than this fraction of the frame changes at once (lights, IR switch) the background is learnt anew.',
    }),
    minFrames: z
      .int()
      .min(1)
      .max(50)
      .default(2)
      .meta({ description: 'Frames in a row with motion that open the gate.' }),
    closeDelay: duration({ min: '0s', max: '10m' })
      .prefault('5s')
      .meta({ description: 'The gate closes after this long without motion.' }),
    masks: z.array(polygon).default([]).meta({ description: 'Areas in which motion is ignored.' }),
  })
  .prefault({})
  .meta({ description: 'When something counts as moving.' });

export type MotionConfig = z.output<typeof motionConfig>;
