import { z } from 'zod';
import { polygon } from '../lib/polygon.ts';
import { duration } from '../lib/units.ts';

export const SENSITIVITIES = ['low', 'medium', 'high'] as const;
export type Sensitivity = (typeof SENSITIVITIES)[number];

export const motionConfig = z
  .strictObject({
    sensitivity: z.enum(SENSITIVITIES).default('medium').meta({
      description:
        'Sets `threshold`, `noiseFactor`, `minArea` and `confirm` together; each of them may be set by itself as well.',
    }),
    threshold: z.int().min(4).max(255).optional().meta({
      description:
        'Gray levels by which a pixel must differ from the background, at least; noise raises it by itself. Low 24, medium 16, high 10.',
    }),
    noiseFactor: z.number().min(0).max(20).optional().meta({
      description:
        'A pixel must also differ by this many times its own usual noise: leaves, water, rain, night. Low 8, medium 6, high 5.',
    }),
    minArea: z.number().min(0.00005).max(1).optional().meta({
      description:
        'Smallest connected region that counts as motion, as a fraction of the frame. Low 0.0015, medium 0.0006, high 0.0003.',
    }),
    confirm: duration({ min: '0s', max: '10s' }).optional().meta({
      description:
        'Something must be seen to move for this long: a flash or a drop is seen once. Doubtful things take longer. Low 400ms, medium and high 200ms.',
    }),
    maxArea: z.number().min(0.001).max(1).default(1).meta({
      description: 'Largest connected region that counts as motion, as a fraction of the frame.',
    }),
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
      .default(1)
      .meta({ description: 'Frames in a row with confirmed motion that open the gate.' }),
    closeDelay: duration({ min: '0s', max: '10m' })
      .prefault('5s')
      .meta({ description: 'The gate closes after this long without motion.' }),
    masks: z.array(polygon).default([]).meta({ description: 'Areas in which motion is ignored.' }),
    within: z.array(polygon).default([]).meta({
      description: 'Areas that motion must touch to count, with all of what moves; empty means the whole frame.',
    }),
  })
  .prefault({})
  .meta({ description: 'When something counts as moving.' });

export type MotionConfig = z.output<typeof motionConfig>;
