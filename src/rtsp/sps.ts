import { BitReader, payloadOf } from './bit-reader.ts';
import { readH264Sps } from './h264-sps.ts';
import { readH265Sps } from './h265-sps.ts';
import { nalHeaderBytes, type VideoCodec } from './nal.ts';
import type { Sps } from './sps-fields.ts';

/** Sides beyond it, the levels of both standards do not know: such a parameter set is damaged. */
const MAX_SIDE = 16_384;

/** Reads a sequence parameter set; undefined when it is damaged. */
export function readSps(codec: VideoCodec, nal: Uint8Array): Sps | undefined {
  const bits = new BitReader(payloadOf(nal, nalHeaderBytes(codec)));
  const sps = codec === 'h264' ? readH264Sps(bits) : readH265Sps(bits);
  const isPlausible = [sps.width, sps.height].every((side) => side > 0 && side <= MAX_SIDE);
  return isPlausible && !bits.ranShort ? sps : undefined;
}
