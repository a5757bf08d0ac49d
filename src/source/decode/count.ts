/**
 * Timestamps inside a decoder are a count of its own, not the camera's: any clock will do, and each frame leads back to its access unit
 * exactly. The lowest bits tell the decoder's filters what is wanted of the frame.
 */
import type { NutStream } from '../../ffmpeg/nut.ts';
import { nutHeader, nutPacket } from '../../ffmpeg/nut-writer.ts';
import type { AccessUnit } from '../access-unit.ts';

/** Ticks per second, and between two access units; the latter a multiple of 4, so that the lowest bits are free. */
const CLOCK = 90_000;
const TICKS = 6000;

/** What shall come out of the decoder for an access unit. */
export interface Wanted {
  /** The small gray frame. */
  readonly frame: boolean;
  /** The whole picture as JPEG. */
  readonly picture: boolean;
}

export function countedHeader(stream: NutStream): Buffer {
  return nutHeader({ ...stream, timeBase: [1, CLOCK] });
}

/** The NUT packet of the `count`th access unit, with `data` instead of its own where that needs parameter sets in front. */
export function countedPacket(unit: AccessUnit, count: number, wanted: Wanted, data = unit.data): readonly Buffer[] {
  const bits = (wanted.frame ? 1 : 0) + (wanted.picture ? 2 : 0);
  return nutPacket({ pts: count * TICKS + bits, key: unit.key, data });
}

/** The count that a decoded frame leads back to; ffmpeg may write it on a time base of its own choice. */
export function countOf(pts: number, [numerator, denominator]: NutStream['timeBase']): number {
  return Math.round((pts * numerator * CLOCK) / denominator / TICKS);
}
