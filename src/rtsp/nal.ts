/**
 * NAL units of H.264 and H.265: what they are, and where a picture begins (ITU-T H.264 7.3.1 and 7.4.1.2, H.265 7.3.1.2 and 7.4.2.4).
 */

export type VideoCodec = 'h264' | 'h265';

/** What a NAL unit means to the access unit that it is part of: bits, so that the roles of all of them can be added up. */
export const ROLE = {
  slice: 1,
  /** A slice of a picture at which every decoder can start: IDR, in H.265 IRAP. */
  keySlice: 2,
  /** SPS and PPS; in H.265 also VPS. */
  parameterSet: 4,
  sps: 8,
  /** Supplemental enhancement information that precedes the picture. */
  sei: 16,
} as const;

/** Bytes of the header of a NAL unit. */
export function nalHeaderBytes(codec: VideoCodec): number {
  return codec === 'h264' ? 1 : 2;
}

/** NAL unit type: 5 bits in H.264, 6 bits in H.265. */
export function nalType(codec: VideoCodec, nal: Uint8Array): number {
  return nalTypeOf(codec, nal[0] ?? 0);
}

/** NAL unit type, from the first byte. */
export function nalTypeOf(codec: VideoCodec, header: number): number {
  return codec === 'h264' ? header & 0x1f : (header >> 1) & 0x3f;
}

/** The bits of `ROLE` that hold for NAL units of this type. */
export function nalRoles(codec: VideoCodec, type: number): number {
  return (codec === 'h264' ? H264_ROLES : H265_ROLES)[type] ?? 0;
}

/** SPS and PPS; in H.265 also VPS. */
export function isParameterSet(codec: VideoCodec, nal: Uint8Array): boolean {
  return (nalRoles(codec, nalType(codec, nal)) & ROLE.parameterSet) !== 0;
}

export function isSlice(codec: VideoCodec, nal: Uint8Array): boolean {
  return (nalRoles(codec, nalType(codec, nal)) & ROLE.slice) !== 0;
}

/** True if a slice, with its header at `bytes[at]`, is the first one of its picture. */
export function opensPicture(codec: VideoCodec, bytes: Uint8Array, at = 0): boolean {
  // H.264: first_mb_in_slice, whose Exp-Golomb code for 0 is a single 1 bit. H.265: first_slice_segment_in_pic_flag.
  return ((bytes[at + nalHeaderBytes(codec)] ?? 0) & 0x80) !== 0;
}

/** True if `nal`, coming after a picture, is the first of the next access unit (H.264 7.4.1.2.3, H.265 7.4.2.4.4). */
export function opensAccessUnit(codec: VideoCodec, nal: Uint8Array): boolean {
  const type = nalType(codec, nal);
  if (codec === 'h264') {
    if (type === 1 || type === 2 || type === 5) return opensPicture(codec, nal);
    return (type >= 6 && type <= 9) || (type >= 14 && type <= 18);
  }
  if (type < 32) return opensPicture(codec, nal);
  return (type >= 32 && type <= 35) || type === 39 || (type >= 41 && type <= 44) || (type >= 48 && type <= 55);
}

const H264_ROLES = roles(32, (type) => {
  if (type === 5) return ROLE.slice | ROLE.keySlice;
  if (type >= 1 && type <= 4) return ROLE.slice;
  if (type === 7) return ROLE.parameterSet | ROLE.sps;
  if (type === 8) return ROLE.parameterSet;
  return type === 6 ? ROLE.sei : 0;
});

const H265_ROLES = roles(64, (type) => {
  if (type >= 16 && type <= 21) return ROLE.slice | ROLE.keySlice;
  if (type < 32) return ROLE.slice;
  if (type === 33) return ROLE.parameterSet | ROLE.sps;
  if (type === 32 || type === 34) return ROLE.parameterSet;
  return type === 39 ? ROLE.sei : 0;
});

function roles(types: number, of: (type: number) => number): Uint8Array {
  return Uint8Array.from({ length: types }, (_, type) => of(type));
}
