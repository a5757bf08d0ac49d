import { existsSync, readFileSync } from 'node:fs';
import { checkTruth, parseTruth } from '../../src/backtest/truth.ts';
import type { LumaFrame } from '../../src/source/frame.ts';
import { runBundledFfmpeg } from '../helpers/clips.ts';
import { testData } from '../helpers/test-data.ts';
import type { Film } from './film.ts';

const HEIGHT = 180;
const EXAMPLES = '/usr/share/doc/opencv-doc/examples/data';

/** Clips with their aspect ratio (width / height). */
const CLIPS = [
  ['one-by-one-person-detection.mp4', 16 / 9],
  ['car-detection.mp4', 16 / 9],
  ['vtest.avi', 4 / 3],
  ['tree.avi', 4 / 3],
] as const;

/** The labelled clips that this machine has. */
export function recordedFilms(fps: number): Film[] {
  const truthFile = testData('truth.json');
  if (!truthFile) return [];
  const truths = parseTruth(truthFile, readFileSync(truthFile, 'utf8'));
  return CLIPS.flatMap(([clip, aspect]): Film[] => {
    const file = existsSync(`${EXAMPLES}/${clip}`) ? `${EXAMPLES}/${clip}` : testData(clip);
    if (!file || !truths.has(clip)) return [];
    const truth = checkTruth(truthFile, clip, truths.get(clip));
    const name = `${clip.replace(/\..*/, '')}@${fps}`;
    return [{ name, kind: 'recorded', truth, frames: () => decode(file, aspect, fps) }];
  });
}

/** Frames of a clip as the gateway would see them: `fps` a second, 180 pixels high. */
export async function decode(file: string, aspect: number, fps: number): Promise<LumaFrame[]> {
  const width = Math.round((HEIGHT * aspect) / 2) * 2;
  // A frame is never shown before it was taken.
  const filter = `fps=${fps}:round=up,scale=${width}:${HEIGHT}:flags=fast_bilinear`;
  const raw = await runBundledFfmpeg(['-i', file, '-vf', filter, '-pix_fmt', 'gray', '-f', 'rawvideo', '-']);
  const size = width * HEIGHT;
  return Array.from({ length: Math.floor(raw.length / size) }, (_, index) => ({
    at: (index * 1000) / fps,
    time: 0,
    width,
    height: HEIGHT,
    data: raw.subarray(index * size, (index + 1) * size),
  }));
}
