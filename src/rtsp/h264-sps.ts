import type { BitReader } from './bit-reader.ts';
import type { Sps } from './sps-fields.ts';

const MACROBLOCK = 16;
const BASELINE = 66;
/** Profiles whose parameter sets carry the chroma format. */
const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);
const EXTENDED_SAR = 255;

/** ITU-T H.264, 7.3.2.1.1, from `profile_idc` on. */
export function readH264Sps(bits: BitReader): Sps {
  const profile = bits.bits(8);
  bits.skip(16); // constraints and level
  bits.unsigned(); // id
  const chroma = HIGH_PROFILES.has(profile) ? readChroma(bits) : 1;
  bits.unsigned(); // log2_max_frame_num_minus4
  const orderType = readOrder(bits);
  const references = bits.unsigned();
  bits.skip(1); // gaps in frame_num
  const mapWidth = bits.unsigned() + 1;
  const mapHeight = bits.unsigned() + 1;
  const framesOnly = bits.flag();
  if (!framesOnly) bits.skip(1); // mb_adaptive_frame_field_flag
  bits.skip(1); // direct_8x8_inference_flag
  const fields = framesOnly ? 1 : 2;
  const [left, right, top, bottom] = bits.flag()
    ? [bits.unsigned(), bits.unsigned(), bits.unsigned(), bits.unsigned()]
    : [0, 0, 0, 0];
  const cropX = chroma === 1 || chroma === 2 ? 2 : 1;
  const cropY = (chroma === 1 ? 2 : 1) * fields;
  const limit = bits.flag() ? readReorderLimit(bits) : undefined;
  const cannotReorder = profile === BASELINE || orderType === 2 || references === 0;
  const codedWidth = mapWidth * MACROBLOCK;
  const codedHeight = mapHeight * MACROBLOCK * fields;
  return {
    width: codedWidth - cropX * (left + right),
    height: codedHeight - cropY * (top + bottom),
    reorders: limit === undefined ? (cannotReorder ? false : undefined) : limit > 0,
    blockSize: MACROBLOCK,
    codedWidth,
    codedHeight,
  };
}

/** Returns chroma_format_idc; 0 too where the planes are coded one by one, as cropping treats both alike. */
function readChroma(bits: BitReader): number {
  const chroma = bits.unsigned();
  const separate = chroma === 3 && bits.flag();
  bits.unsigned(); // bit depths
  bits.unsigned();
  bits.skip(1); // qpprime_y_zero_transform_bypass_flag
  if (bits.flag())
    for (let list = 0; list < (chroma === 3 ? 12 : 8); list += 1) skipScalingList(bits, list < 6 ? 16 : 64);
  return separate ? 0 : chroma;
}

function skipScalingList(bits: BitReader, size: number): void {
  if (!bits.flag()) return;
  let [last, next] = [8, 8];
  for (let index = 0; index < size && next !== 0; index += 1) {
    next = (last + bits.signed() + 256) & 0xff;
    if (next !== 0) last = next;
  }
}

/** Returns pic_order_cnt_type. */
function readOrder(bits: BitReader): number {
  const type = bits.unsigned();
  if (type === 0) bits.unsigned();
  if (type === 1) {
    bits.skip(1);
    bits.signed();
    bits.signed();
    const cycle = bits.unsigned();
    for (let index = 0; index < cycle && !bits.ranShort; index += 1) bits.signed();
  }
  return type;
}

/** Annex E, E.1.1: returns max_num_reorder_frames, undefined where it is not given. */
function readReorderLimit(bits: BitReader): number | undefined {
  if (bits.flag() && bits.bits(8) === EXTENDED_SAR) bits.skip(32);
  if (bits.flag()) bits.skip(1); // overscan
  if (bits.flag()) {
    bits.skip(4);
    if (bits.flag()) bits.skip(24); // colour
  }
  if (bits.flag()) {
    bits.unsigned(); // chroma location
    bits.unsigned();
  }
  if (bits.flag()) bits.skip(65); // timing
  const nalTiming = bits.flag();
  if (nalTiming) skipHrd(bits);
  const vclTiming = bits.flag();
  if (vclTiming) skipHrd(bits);
  if (nalTiming || vclTiming) bits.skip(1);
  bits.skip(1); // pic_struct_present_flag
  if (!bits.flag()) return undefined;
  bits.skip(1);
  for (let skipped = 0; skipped < 4; skipped += 1) bits.unsigned();
  return bits.unsigned();
}

function skipHrd(bits: BitReader): void {
  const count = bits.unsigned() + 1;
  bits.skip(8);
  for (let index = 0; index < count && !bits.ranShort; index += 1) {
    bits.unsigned();
    bits.unsigned();
    bits.skip(1);
  }
  bits.skip(20);
}
