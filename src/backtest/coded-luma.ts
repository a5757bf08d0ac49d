import type { NutStream } from '../ffmpeg/nut.ts';
import type { LumaSize } from '../source/decode/decoder.ts';
import { lumaSize } from '../source/luma-size.ts';
import type { Turn } from './clip-info.ts';
import { turnedSize } from './turn.ts';

/** Of the frames as they are coded, so that they have the wanted height once they are turned. */
export function codedLuma(stream: NutStream, turn: Turn, wanted: number): LumaSize {
  return turnedSize(lumaSize({ ...stream, ...turnedSize(stream, turn) }, wanted), turn);
}
