import { createFfmpegFinder, type FfmpegBuild, findFfmpeg } from '../../src/ffmpeg/build.ts';
import { bundledFfmpeg } from './clips.ts';

/** The bundled build, which is there everywhere, and the system's where there is one and it is newer. */
export async function ffmpegBuilds(): Promise<FfmpegBuild[]> {
  const bundled = await findFfmpeg(bundledFfmpeg);
  const best = await createFfmpegFinder()();
  return best.origin === 'system' ? [bundled, best] : [bundled];
}
