import { z } from 'zod';
import { duration } from '../lib/units.ts';

export const streamUrl = z
  .string()
  .refine((text) => /^rtsps?:\/\/[^\s]+$/i.test(text), 'expected a stream URL that starts with rtsp:// or rtsps://')
  .meta({
    description:
      'RTSP URL of the stream that is watched, best a sub stream. Credentials may stand in it; `${NAME}` takes them from the environment.',
    examples: ['rtsp://user:${FRONT_PASSWORD}@192.0.2.10/stream2'],
  });

export const TRANSPORTS = ['auto', 'native', 'ffmpeg'] as const;
export type Transport = (typeof TRANSPORTS)[number];

export const transport = z.enum(TRANSPORTS).default('auto').meta({
  description:
    'What receives the stream: `native`, the built-in client (H.264 and H.265, least load); `ffmpeg`, a process per camera; `auto`: native, and ffmpeg for a camera that native does not understand.',
});

export const picturesConfig = z
  .strictObject({
    url: streamUrl.meta({
      description:
        'RTSP URL of a larger stream of the same camera, best the main stream: pictures for the model are taken from it. It is received all the time, and decoded only then.',
      examples: ['rtsp://user:${FRONT_PASSWORD}@192.0.2.10/stream1'],
    }),
  })
  .optional()
  .meta({ description: 'Where pictures for the model come from. Default: the stream that is watched.' });

export const decodeConfig = z
  .strictObject({
    mode: z
      .enum(['auto', 'always'])
      .default('auto')
      .meta({ description: '`auto` decodes everything only while something moves; `always` decodes everything.' }),
    maxBlindness: duration({ min: '200ms', max: '1m' }).prefault('2s').meta({
      description:
        'Motion shorter than this may be missed while nothing is decoded but keyframes; where that cannot be held, everything is decoded.',
    }),
    fps: z.number().min(0.5).max(30).default(5).meta({ description: 'Frames per second that motion looks at.' }),
    height: z
      .int()
      .min(90)
      .max(720)
      .default(180)
      .meta({ description: 'Height in pixels of the frames that motion looks at; the width follows the picture.' }),
    stallTimeout: duration({ min: '2s', max: '10m' })
      .prefault('10s')
      .meta({ description: 'Without a frame for this long, the camera counts as stalled and is opened anew.' }),
  })
  .prefault({})
  .meta({ description: 'How the stream is decoded for motion.' });

export type DecodeConfig = z.output<typeof decodeConfig>;
