import type { BitReader } from './bit-reader.ts';
import type { Sps } from './sps-fields.ts';

/** Bits of a profile, and of a profile with its level. */
const PROFILE = 88;
const PROFILE_AND_LEVEL = 96;

/** ITU-T H.265, 7.3.2.2.1, from `sps_video_parameter_set_id` on. */
export function readH265Sps(bits: BitReader): Sps {
  bits.skip(4); // id of the video parameter set
  const subLayers = bits.bits(3);
  bits.skip(1); // temporal id nesting
  skipProfiles(bits, subLayers);
  bits.unsigned(); // id
  const chroma = bits.unsigned();
  if (chroma === 3) bits.skip(1);
  const codedWidth = bits.unsigned();
  const codedHeight = bits.unsigned();
  const [left, right, top, bottom] = bits.flag()
    ? [bits.unsigned(), bits.unsigned(), bits.unsigned(), bits.unsigned()]
    : [0, 0, 0, 0];
  const cropX = chroma === 1 || chroma === 2 ? 2 : 1;
  const cropY = chroma === 1 ? 2 : 1;
  for (let skipped = 0; skipped < 3; skipped += 1) bits.unsigned(); // bit depths, log2_max_pic_order_cnt_lsb_minus4
  let reorder = 0;
  for (let layer = bits.flag() ? 0 : subLayers; layer <= subLayers; layer += 1) {
    bits.unsigned();
    reorder = bits.unsigned();
    bits.unsigned();
  }
  const smallest = bits.unsigned() + 3;
  return {
    width: codedWidth - cropX * (left + right),
    height: codedHeight - cropY * (top + bottom),
    reorders: reorder > 0,
    blockSize: 2 ** (smallest + bits.unsigned()),
    codedWidth,
    codedHeight,
  };
}

/** 7.3.3, with the general profile present. */
function skipProfiles(bits: BitReader, subLayers: number): void {
  bits.skip(PROFILE_AND_LEVEL);
  if (subLayers === 0) return;
  const present = Array.from({ length: 8 }, () => [bits.flag(), bits.flag()] as const);
  for (const [profile, level] of present.slice(0, subLayers)) bits.skip((profile ? PROFILE : 0) + (level ? 8 : 0));
}
