import { z } from 'zod';

export const ffmpegConfig = z
  .strictObject({
    path: z.string().optional().meta({
      description: 'The ffmpeg program to use. Without it: the newer one of the bundled build and the system’s.',
    }),
  })
  .prefault({})
  .meta({ description: 'The ffmpeg program that receives and decodes the streams.' });
