import { z } from 'zod';
import { duration } from '../lib/units.ts';

export const modelRef = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]*\/[a-z0-9][a-z0-9_.-]*$/i, 'expected project/version, such as coco/1')
  .meta({
    description: 'Model to ask, as project/version. Changing the version switches between two frames.',
    examples: ['coco/1'],
  });

export const inferenceConfig = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/, error: 'expected a URL that starts with http:// or https://' })
      .default('http://localhost:9001')
      .meta({ description: 'Base URL of the inference microservice, local or remote.' }),
    model: modelRef.default('coco/1'),
    apiKey: z
      .string()
      .optional()
      .meta({ description: 'Key of a hosted service; best taken from the environment: `${NAME}`.' }),
    encoding: z.enum(['base64', 'multipart']).default('base64').meta({
      description: 'How the JPEG travels; multipart is a quarter smaller, base64 is understood by every server.',
    }),
    deadline: duration({ min: '100ms', max: '5m' })
      .prefault('5s')
      .meta({ description: 'A frame that is not answered this long after it was captured is `unknown`.' }),
    concurrency: z
      .int()
      .min(1)
      .max(64)
      .default(2)
      .meta({ description: 'Requests under way at once, all cameras together.' }),
    confidence: z
      .number()
      .min(0)
      .max(1)
      .default(0.4)
      .meta({ description: 'Detections below this score are not reported.' }),
    overlap: z
      .number()
      .min(0)
      .max(1)
      .default(0.3)
      .meta({ description: 'Boxes of one label that overlap more than this (IoU) are one object.' }),
  })
  .prefault({})
  .meta({ description: 'The vision model behind its API.' });

export type InferenceConfig = z.output<typeof inferenceConfig>;
