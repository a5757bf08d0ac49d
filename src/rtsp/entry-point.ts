import { BitReader, payloadOf } from './bit-reader.ts';
import { isSlice, nalHeaderBytes, nalRoles, nalType, ROLE, type VideoCodec } from './nal.ts';
import { createSliceReader } from './slice-type.ts';

/**
 * How decoding can begin at an access unit:
 * - `clean`: this picture and all that follow are whole: IDR, in H.265 IRAP, or an I picture that is announced as recovery point of its own;
 * - `intra`: an I picture behind parameter sets, but what follows may still refer to what came before;
 * - `gradual`: the picture becomes whole over the next ones (intra refresh), announced by a recovery point.
 */
export type EntryPoint = 'clean' | 'intra' | 'gradual';

const RECOVERY_POINT = 6;

/** Says how decoding can begin at the access unit of `nals`; undefined when it cannot. */
export function entryPoint(codec: VideoCodec, nals: readonly Uint8Array[]): EntryPoint | undefined {
  const roles = nals.reduce((sum, nal) => sum | nalRoles(codec, nalType(codec, nal)), 0);
  if (roles & ROLE.keySlice) return 'clean';
  if (!(roles & (ROLE.sei | ROLE.sps))) return undefined;
  const recovery = nals.map((nal) => recoveryCount(codec, nal)).find((count) => count !== undefined);
  const typeOf = createSliceReader(codec, nals);
  const isIntra = nals.filter((nal) => isSlice(codec, nal)).every((nal) => typeOf(nal) === 'I');
  if (isIntra && recovery === 0) return 'clean';
  if (isIntra && roles & ROLE.sps) return 'intra';
  return recovery === undefined ? undefined : 'gradual';
}

/** In how many pictures all is whole, from the recovery point message of a SEI NAL unit (ITU-T H.264, 7.3.2.3 and D.1.8; H.265, 7.3.5 and D.2.8). */
function recoveryCount(codec: VideoCodec, nal: Uint8Array): number | undefined {
  if (!(nalRoles(codec, nalType(codec, nal)) & ROLE.sei)) return undefined;
  const bytes = payloadOf(nal, nalHeaderBytes(codec));
  let at = 0;
  const number = () => {
    let value = 0;
    while (bytes[at] === 0xff) value += bytes[at++] ?? 0;
    return value + (bytes[at++] ?? 0);
  };
  // The last byte holds the stop bit only.
  while (at < bytes.length - 1) {
    const type = number();
    const size = number();
    if (type === RECOVERY_POINT) {
      const bits = new BitReader(bytes.subarray(at, at + size));
      const count = codec === 'h264' ? bits.unsigned() : bits.signed();
      return bits.ranShort ? undefined : count;
    }
    at += size;
  }
  return undefined;
}
