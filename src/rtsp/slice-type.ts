import { BitReader, payloadOf } from './bit-reader.ts';
import { isSlice, nalHeaderBytes, nalRoles, nalType, ROLE, type VideoCodec } from './nal.ts';
import { readSps } from './sps.ts';

/** How the blocks of a slice are predicted: I from the slice itself, P from one other picture each, B from up to two. */
export type SliceType = 'I' | 'P' | 'B';

/** Slice headers up to their type take less, also with two emulation prevention bytes. */
const HEADER_BYTES = 24;
/** SP and SI are read as P and I. */
const H264_TYPES: readonly SliceType[] = ['P', 'B', 'I', 'P', 'I'];
const H265_TYPES: readonly SliceType[] = ['B', 'P', 'I'];
const H265_PPS = 34;

/**
 * Reads the type of slices.
 * @param parameterSets of the stream: H.265 has fields in front of the type whose length stands there.
 * @returns a function that gives undefined for what is no slice, is damaged, or (H.265) is a dependent slice segment, which has no type of its own.
 */
export function createSliceReader(
  codec: VideoCodec,
  parameterSets: readonly Uint8Array[],
): (nal: Uint8Array) => SliceType | undefined {
  if (codec === 'h264') return readH264;
  const sps = parameterSets.find((nal) => (nalRoles(codec, nalType(codec, nal)) & ROLE.sps) !== 0);
  const size = sps && readSps(codec, sps);
  const blocks = size ? Math.ceil(size.codedWidth / size.blockSize) * Math.ceil(size.codedHeight / size.blockSize) : 1;
  const layouts = new Map(
    parameterSets.filter((nal) => nalType(codec, nal) === H265_PPS).map((nal) => readPictureParameters(nal)),
  );
  return (nal) => readH265(nal, layouts, Math.ceil(Math.log2(blocks)));
}

/** ITU-T H.264, 7.3.3. */
function readH264(nal: Uint8Array): SliceType | undefined {
  if (!isSlice('h264', nal)) return undefined;
  const bits = headerOf('h264', nal);
  bits.unsigned(); // first_mb_in_slice
  const type = H264_TYPES[bits.unsigned() % 5];
  return bits.ranShort ? undefined : type;
}

interface HeaderLayout {
  readonly hasDependentSlices: boolean;
  readonly extraBits: number;
}

/** ITU-T H.265, 7.3.2.3.1, up to what slice headers depend on. */
function readPictureParameters(nal: Uint8Array): readonly [id: number, layout: HeaderLayout] {
  const bits = headerOf('h265', nal);
  const id = bits.unsigned();
  bits.unsigned(); // id of the sequence parameter set
  const hasDependentSlices = bits.flag();
  bits.skip(1); // output_flag_present_flag
  return [id, { hasDependentSlices, extraBits: bits.bits(3) }];
}

/** ITU-T H.265, 7.3.6.1. */
function readH265(
  nal: Uint8Array,
  layouts: ReadonlyMap<number, HeaderLayout>,
  addressBits: number,
): SliceType | undefined {
  if (!isSlice('h265', nal)) return undefined;
  const bits = headerOf('h265', nal);
  const isFirst = bits.flag();
  const isRandomAccess = nalType('h265', nal) >= 16 && nalType('h265', nal) <= 23;
  if (isRandomAccess) bits.skip(1); // no_output_of_prior_pics_flag
  const layout = layouts.get(bits.unsigned());
  if (!layout) return undefined;
  if (!isFirst) {
    if (layout.hasDependentSlices && bits.flag()) return undefined;
    bits.skip(addressBits);
  }
  bits.skip(layout.extraBits);
  const type = H265_TYPES[bits.unsigned()];
  return bits.ranShort ? undefined : type;
}

function headerOf(codec: VideoCodec, nal: Uint8Array): BitReader {
  const start = nalHeaderBytes(codec);
  return new BitReader(payloadOf(nal, start, HEADER_BYTES));
}
