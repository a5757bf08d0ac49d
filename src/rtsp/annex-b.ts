/**
 * H.264 and H.265 byte streams (Annex B of ITU-T H.264 and H.265): NAL units with start codes, cut and joined.
 */
import { isSlice, nalRoles, nalType, opensAccessUnit, ROLE, type VideoCodec } from './nal.ts';

/** All NAL units of one picture, parameter sets and SEI in front of it included. */
export interface AccessUnit {
  /** Without start codes, in stream order. */
  readonly nals: readonly Buffer[];
  /** A decoder can start here. */
  readonly keyframe: boolean;
}

export const START_CODE = Buffer.from([0, 0, 0, 1]);
const SHORT_START_CODE = START_CODE.subarray(1);

/** Cuts a byte stream at its start codes. The NAL units are views of `bytes`; after `most` of them the rest is left out. */
export function splitNals(bytes: Buffer, most = Number.POSITIVE_INFINITY): Buffer[] {
  const nals: Buffer[] = [];
  let start = bytes.indexOf(SHORT_START_CODE);
  while (start !== -1 && nals.length < most) {
    const next = bytes.indexOf(SHORT_START_CODE, start + 3);
    let end = next === -1 ? bytes.length : next;
    // No NAL unit ends in a zero byte: what is there belongs to the next start code or is padding.
    while (end > start + 3 && bytes[end - 1] === 0) end -= 1;
    if (end > start + 3) nals.push(bytes.subarray(start + 3, end));
    start = next;
  }
  return nals;
}

/** A byte stream of `nals`, with start codes of four bytes. */
export function joinNals(nals: readonly Buffer[]): Buffer {
  return Buffer.concat(nals.flatMap((nal) => [START_CODE, nal]));
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

function isKeySlice(codec: VideoCodec, nal: Buffer): boolean {
  return (nalRoles(codec, nalType(codec, nal)) & ROLE.keySlice) !== 0;
}
