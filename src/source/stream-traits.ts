import { splitNals } from '../rtsp/annex-b.ts';
import { type EntryPoint, entryPoint } from '../rtsp/entry-point.ts';
import { isParameterSet, isSlice, nalRoles, nalType, ROLE, type VideoCodec } from '../rtsp/nal.ts';
import { createSliceReader, type SliceType } from '../rtsp/slice-type.ts';
import { readSps } from '../rtsp/sps.ts';
import { type AccessUnit, ptsSeconds } from './access-unit.ts';

/** What one access unit is made of. */
export interface UnitTraits {
  /** B if any slice is, else P if any is, else I; undefined when no slice header can be read. */
  readonly type: SliceType | undefined;
  readonly slices: number;
  /** How decoding can begin here; undefined when it cannot. */
  readonly entry: EntryPoint | undefined;
}

/** What is known of a stream from the access units so far. */
export interface StreamTraits {
  /** The parameter sets allow another order of sending than of showing; true as long as there are none. */
  readonly mayReorder: boolean;
  /** Timestamps were seen to go back a little, as they do with B-frames that are sent after what they are shown before. */
  readonly reorders: boolean;
  /** B slices were seen. In H.265 they are no sign of reordering. */
  readonly hasB: boolean;
  /** Most slices that a picture had. */
  readonly slices: number;
  /** Pictures are renewed bit by bit, with recovery points, and no IDR comes: see `INTRA_REFRESH_SECONDS`. */
  readonly intraRefresh: boolean;
  readonly previousSeconds: number;
  /** When decoding could last begin cleanly, or the first access unit came. */
  readonly cleanSeconds: number;
}

/** A stream that has gradual recovery points, and no clean entry for this long, will have none. */
export const INTRA_REFRESH_SECONDS = 5;
/** Timestamps that go back further are a clock that was set. */
const MAX_REORDER_SECONDS = 1;
/** More than any picture has; what a damaged stream holds is not listed without end. */
const MAX_NALS = 4096;

const CODECS: Readonly<Record<string, VideoCodec>> = {
  h264: 'h264',
  avc1: 'h264',
  hevc: 'h265',
  hvc1: 'h265',
  hev1: 'h265',
};

/** Looks at one access unit; undefined when it is neither H.264 nor H.265 in Annex B. */
export function unitTraits(unit: AccessUnit): UnitTraits | undefined {
  const codec = CODECS[unit.stream.fourcc.toLowerCase()];
  const nals = splitNals(unit.data, MAX_NALS);
  if (!codec || nals.length === 0) return undefined;
  const own = nals.filter((nal) => isParameterSet(codec, nal));
  const typeOf = createSliceReader(codec, own.length > 0 ? own : splitNals(unit.stream.extradata, MAX_NALS));
  const slices = nals.filter((nal) => isSlice(codec, nal));
  const types = new Set(slices.map(typeOf));
  const type = (['B', 'P', 'I'] as const).find((candidate) => types.has(candidate));
  return { type, slices: slices.length, entry: entryPoint(codec, nals) };
}

/**
 * Adds an access unit to what is known of its stream.
 * @param traits undefined before the first one.
 */
export function learnTraits(traits: StreamTraits | undefined, unit: AccessUnit): StreamTraits | undefined {
  const found = unitTraits(unit);
  if (!found) return traits;
  const seconds = ptsSeconds(unit.stream, unit.pts);
  const back = (traits?.previousSeconds ?? seconds) - seconds;
  const isClean = found.entry === 'clean' || !traits || back > MAX_REORDER_SECONDS;
  const cleanSeconds = isClean ? seconds : traits.cleanSeconds;
  const isOverdue = seconds - cleanSeconds >= INTRA_REFRESH_SECONDS;
  return {
    mayReorder: unit.key || !traits ? mayReorder(unit) : traits.mayReorder,
    reorders: (traits?.reorders ?? false) || (back > 0 && back <= MAX_REORDER_SECONDS),
    hasB: (traits?.hasB ?? false) || found.type === 'B',
    slices: Math.max(traits?.slices ?? 0, found.slices),
    intraRefresh:
      found.entry === 'clean' ? false : (traits?.intraRefresh ?? false) || (found.entry === 'gradual' && isOverdue),
    previousSeconds: seconds,
    cleanSeconds,
  };
}

/** By the parameter sets of the access unit, or those of the stream where it has none. */
function mayReorder({ stream, data }: AccessUnit): boolean {
  const codec = CODECS[stream.fourcc.toLowerCase()] ?? 'h264';
  const isSps = (nal: Buffer) => (nalRoles(codec, nalType(codec, nal)) & ROLE.sps) !== 0;
  const nal = splitNals(data, MAX_NALS).find(isSps) ?? splitNals(stream.extradata, MAX_NALS).find(isSps);
  return (nal && readSps(codec, nal)?.mayReorder) ?? true;
}
