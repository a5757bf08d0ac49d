/**
 * H.264 and H.265 byte streams (Annex B of ITU-T H.264 and H.265): cut into NAL units and access units.
 */

export type VideoCodec = 'h264' | 'h265';

/** All NAL units of one picture, parameter sets and SEI in front of it included. */
export interface AccessUnit {
  /** Without start codes, in stream order. */
  readonly nals: readonly Buffer[];
  /** A decoder can start here. */
  readonly keyframe: boolean;
}

const START_CODE = Buffer.from([0, 0, 1]);

/** NAL unit type: 5 bits in H.264, 6 bits in H.265. */
export function nalType(codec: VideoCodec, nal: Buffer): number {
  const first = nal[0] ?? 0;
  return codec === 'h264' ? first & 0x1f : (first >> 1) & 0x3f;
}

/** SPS and PPS; in H.265 also VPS. */
export function isParameterSet(codec: VideoCodec, nal: Buffer): boolean {
  const type = nalType(codec, nal);
  return codec === 'h264' ? type === 7 || type === 8 : type >= 32 && type <= 34;
}

/** Cuts a byte stream at its start codes. The NAL units are views of `bytes`. */
export function splitNals(bytes: Buffer): Buffer[] {
  const nals: Buffer[] = [];
  let start = bytes.indexOf(START_CODE);
  while (start !== -1) {
    const next = bytes.indexOf(START_CODE, start + 3);
    let end = next === -1 ? bytes.length : next;
    // No NAL unit ends in a zero byte: what is there belongs to the next start code or is padding.
    while (end > start + 3 && bytes[end - 1] === 0) end -= 1;
    if (end > start + 3) nals.push(bytes.subarray(start + 3, end));
    start = next;
  }
  return nals;
}

/** Groups NAL units to access units; what follows the last picture without belonging to it is dropped. */
export function cutAccessUnits(codec: VideoCodec, nals: readonly Buffer[]): AccessUnit[] {
  const units: AccessUnit[] = [];
  let current: Buffer[] = [];
  let hasPicture = false;
  const finish = () => {
    if (hasPicture) units.push({ nals: current, keyframe: current.some((nal) => isKeySlice(codec, nal)) });
  };
  for (const nal of nals) {
    if (hasPicture && opensAccessUnit(codec, nal)) {
      finish();
      current = [];
      hasPicture = false;
    }
    current.push(nal);
    if (isSlice(codec, nal)) hasPicture = true;
  }
  finish();
  return units;
}

function isSlice(codec: VideoCodec, nal: Buffer): boolean {
  const type = nalType(codec, nal);
  return codec === 'h264' ? type >= 1 && type <= 5 : type < 32;
}

function isKeySlice(codec: VideoCodec, nal: Buffer): boolean {
  const type = nalType(codec, nal);
  return codec === 'h264' ? type === 5 : type >= 16 && type <= 21;
}

/** True if `nal`, coming after a picture, is the first of the next access unit (H.264 7.4.1.2.3, H.265 7.4.2.4.4). */
function opensAccessUnit(codec: VideoCodec, nal: Buffer): boolean {
  const type = nalType(codec, nal);
  if (codec === 'h264') {
    // Slice types that begin with first_mb_in_slice: its Exp-Golomb code for 0 is a single 1 bit.
    if (type === 1 || type === 2 || type === 5) return ((nal[1] ?? 0) & 0x80) !== 0;
    return (type >= 6 && type <= 9) || (type >= 14 && type <= 18);
  }
  // first_slice_segment_in_pic_flag
  if (type < 32) return ((nal[2] ?? 0) & 0x80) !== 0;
  return (type >= 32 && type <= 35) || type === 39 || (type >= 41 && type <= 44) || (type >= 48 && type <= 55);
}
