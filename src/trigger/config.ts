import { z } from 'zod';
import { duration } from '../lib/units.ts';

export const triggerConfig = z
  .strictObject({
    interval: duration({ min: '50ms', max: '1h' })
      .prefault('1s')
      .meta({ description: 'While the gate is open a frame is sent at once, then one per interval.' }),
  })
  .prefault({})
  .meta({ description: 'Which frames are sent to the model.' });

export type TriggerConfig = z.output<typeof triggerConfig>;
