/**
 * Timestamps inside a decoder are a count of its own, not the camera's: any clock will do, and each frame leads back to its access unit
 * exactly. The lowest bits tell the decoder's filters what is wanted of the frame.
 */
import type { NutStream } from '../../ffmpeg/nut.ts';
import { nutHeader, nutPacket } from '../../ffmpeg/nut-writer.ts';
import { BITS_END, CLOCK, partBits } from '../../ffmpeg/picture-part.ts';
import type { Box } from '../../lib/box.ts';
import type { AccessUnit } from '../access-unit.ts';

/** Between two access units: the bits are less than half of it, so that rounding leads back to the count. */
const TICKS = 2 * BITS_END;

/** What shall come out of the decoder for an access unit. */
export interface Wanted {
  /** The small gray frame. */
  readonly frame: boolean;
  /** The whole picture as JPEG. */
  readonly picture: boolean;
  /** With the picture, its part around this area, where one can hold it. */
  readonly area?: Box | undefined;
}

export function wantedBits({ stream }: AccessUnit, { frame, picture, area }: Wanted): number {
  return (frame ? 1 : 0) + (picture ? 2 + (area ? partBits(area, stream) : 0) : 0);
}

export function countedHeader(stream: NutStream): Buffer {
  return nutHeader({ ...stream, timeBase: [1, CLOCK] });
}

/** The NUT packet of the `count`th access unit, in pieces; with parameter sets in front where it needs them. */
export function countedPacket(
  { key, data }: AccessUnit,
  count: number,
  bits: number,
  parameterSets?: Buffer,
): readonly Buffer[] {
  return nutPacket({ pts: count * TICKS + bits, key, data }, parameterSets);
}

/** The count that a decoded frame leads back to; ffmpeg may write it on a time base of its own choice. */
export function countOf(pts: number, [numerator, denominator]: NutStream['timeBase']): number {
  return Math.round((pts * numerator * CLOCK) / denominator / TICKS);
}
