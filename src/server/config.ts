import { z } from 'zod';
import { size } from '../lib/units.ts';

export const EXECUTION_PROVIDERS = ['cpu', 'cuda', 'tensorrt', 'openvino'] as const;

export type ExecutionProvider = (typeof EXECUTION_PROVIDERS)[number];

const runner = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]*$/, 'expected lower-case letters, digits, - and _')
    .refine((name) => name !== 'onnx', 'onnx is built in: choose another name')
    .meta({ description: 'What a manifest calls it in its key runner.' }),
  command: z
    .array(z.string().min(1))
    .min(1)
    .meta({ description: 'Program and arguments; run without a shell.', examples: [['python3', '/opt/oak.py']] }),
});

export type RunnerConfig = z.output<typeof runner>;

export const serveConfig = z
  .strictObject({
    host: z
      .string()
      .min(1)
      .default('127.0.0.1')
      .meta({ description: 'Address to listen on; 0.0.0.0 lets other machines in.' }),
    port: z.int().min(0).max(65_535).default(9001).meta({ description: 'Port to listen on; 0 takes any free one.' }),
    apiKeys: z.array(z.string().min(8, 'must have at least 8 characters')).default([]).meta({
      description:
        'Clients must send one of these; an empty list lets everybody ask. Best from the environment: `${NAME}`.',
    }),
    models: z
      .array(z.string().regex(/^[^/\s]+\/[^/\s]+$/, 'expected project/version, such as coco/1'))
      .default([])
      .meta({ description: 'Models to load at start; an empty list means all in the store.' }),
    maxImage: size({ min: '64KiB' }).prefault('20MiB').meta({ description: 'Largest request body.' }),
    maxQueue: z
      .int()
      .min(1)
      .max(1000)
      .default(32)
      .meta({ description: 'Requests that wait for a worker; beyond it the answer is 503.' }),
    workers: z.int().min(1).max(64).optional().meta({
      description:
        'Processes that run models. Default: one per core, at most one per 512 MiB of memory; one where not the CPU does the work.',
    }),
    threads: z.int().min(1).max(64).default(1).meta({
      description: 'Threads that one worker uses for one picture; more workers are better than more threads.',
    }),
    maxBatch: z.int().min(1).max(64).default(8).meta({
      description: 'Pictures that wait for one model and are run together, where the model has a batch axis.',
    }),
    memory: size({ min: '16MiB' }).optional().meta({
      description:
        'What loaded models may take; the one that was asked longest ago gives way. Default: half of the memory.',
    }),
    providers: z.array(z.enum(EXECUTION_PROVIDERS)).min(1).default(['cpu']).meta({
      description: 'What ONNX Runtime computes with, best first; what is not there is left out with a warning.',
    }),
    imageHosts: z.array(z.string().min(1)).default([]).meta({
      description:
        'Hosts from which a picture may be fetched when a request names its URL; `*` stands for every public address.',
    }),
    runners: z.array(runner).default([]).meta({ description: 'Programs that run models on hardware of their own.' }),
  })
  .prefault({})
  .meta({ description: 'The inference microservice (framegate serve).' });

export type ServeConfig = z.output<typeof serveConfig>;
