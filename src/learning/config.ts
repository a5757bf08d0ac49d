import { z } from 'zod';

export const learningConfig = z
  .strictObject({
    project: z
      .string()
      .regex(/^[a-z0-9][a-z0-9_-]*$/i, 'expected the id of a project, such as my-project')
      .meta({ description: 'Project of the hosted service whose dataset gets the pictures.' }),
    apiKey: z
      .string()
      .min(1)
      .meta({ description: 'Key of the account that may write to it; best taken from the environment: `${NAME}`.' }),
    url: z
      .url({ protocol: /^https?$/, error: 'expected a URL that starts with http:// or https://' })
      .default('https://api.roboflow.com')
      .meta({ description: 'Base URL of the dataset API.' }),
    batch: z
      .string()
      .min(1)
      .max(100)
      .default('framegate')
      .meta({ description: 'Batch in which the pictures wait for somebody to label them.' }),
    nearThreshold: z.number().min(0).max(1).default(0.1).meta({
      description: 'Frames with a detection that is less than this above `inference.confidence` are chosen; 0: none.',
    }),
    disagreement: z.boolean().default(true).meta({
      description:
        'Frames in which the model contradicts what it said before are chosen: an object that is followed and still moves is not seen, or has another label.',
    }),
    random: z.number().min(0).max(1).default(0.001).meta({
      description: 'Part of all other answered frames that is chosen, so that the dataset shows the usual, too.',
    }),
    predictions: z
      .boolean()
      .default(true)
      .meta({ description: 'Send what the model saw along, as a proposal to whoever labels the picture.' }),
    maxPerHour: z.int().min(1).max(1000).default(10).meta({ description: 'Most pictures in an hour, all cameras.' }),
    maxPerDay: z.int().min(1).max(10_000).default(50).meta({ description: 'Most pictures in 24 hours, all cameras.' }),
  })
  .optional()
  .meta({
    description:
      'Active learning: frames of which the model was unsure are uploaded to a dataset of the hosted service. Off unless this section is there.',
  });

export type LearningConfig = NonNullable<z.output<typeof learningConfig>>;
