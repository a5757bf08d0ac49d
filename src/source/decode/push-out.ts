import { type AccessUnit, codecOf } from '../access-unit.ts';

/** Pictures that a decoder may hold back to bring them into order, and one more. */
const HELD_BACK = 17;
/** ITU-T H.265, 7.3.2.10, with its start code. */
const H265_END_OF_SEQUENCE = Buffer.from([0, 0, 0, 1, 36 << 1, 1]);

/**
 * What makes a decoder give all that it holds back: a keyframe that it had, again and again. In H.265 the sequence is ended before each, or
 * those that are no IDR (open GOPs) would be passed over as pictures that were there already.
 */
export function pushOut(key: AccessUnit): readonly AccessUnit[] {
  const data = codecOf(key.stream) === 'h265' ? Buffer.concat([H265_END_OF_SEQUENCE, key.data]) : key.data;
  return Array.from({ length: HELD_BACK }, () => ({ ...key, data }));
}
