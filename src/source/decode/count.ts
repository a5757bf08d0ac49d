/**
 * Timestamps inside a decoder are a count of its own, not the camera's: any clock will do, and each frame leads back to its access unit
 * exactly. The lowest bit tells the decoder's filter whether the frame is wanted.
 */
import type { NutStream } from '../../ffmpeg/nut.ts';
import { nutHeader, nutPacket } from '../../ffmpeg/nut-writer.ts';
import type { AccessUnit } from '../access-unit.ts';

/** Ticks per second, and between two access units; the latter even, so that the lowest bit is free. */
const CLOCK = 90_000;
const TICKS = 6000;

export function countedHeader(stream: NutStream): Buffer {
  return nutHeader({ ...stream, timeBase: [1, CLOCK] });
}

/** The NUT packet of the `count`th access unit, with `data` instead of its own where that needs parameter sets in front. */
export function countedPacket(unit: AccessUnit, count: number, wanted: boolean, data = unit.data): readonly Buffer[] {
  return nutPacket({ pts: count * TICKS + (wanted ? 1 : 0), key: unit.key, data });
}

/** The count that a decoded frame leads back to; ffmpeg may write it on a time base of its own choice. */
export function countOf(pts: number, [numerator, denominator]: NutStream['timeBase']): number {
  return Math.round((pts * numerator * CLOCK) / denominator / TICKS);
}
