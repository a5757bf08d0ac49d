import { splitNals } from '../rtsp/annex-b.ts';
import { type EntryPoint, entryPoint } from '../rtsp/entry-point.ts';
import { isParameterSet, isSlice, nalRoles, nalType, ROLE } from '../rtsp/nal.ts';
import { createSliceReader, type SliceType } from '../rtsp/slice-type.ts';
import { readSps } from '../rtsp/sps.ts';
import type { Sps } from '../rtsp/sps-fields.ts';
import { type AccessUnit, codecOf, ptsSeconds } from './access-unit.ts';

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
  /**
   * Decoders hold its pictures back, to bring them into the order of showing: timestamps or B-frames were seen that ask for it, or the parameter
   * sets announce it.
   */
  readonly reorders: boolean;
  /** What the parameter sets say of it: many cameras have none to send, and say nothing. */
  readonly announced: boolean | undefined;
  /** Timestamps were seen to go back a little, as they do with B-frames that are sent after what they are shown before. */
  readonly goesBack: boolean;
  /** B slices were seen. In H.265 they are no sign of reordering, its parameter sets always say. */
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

/** Looks at one access unit; undefined when it is neither H.264 nor H.265 in Annex B. */
export function unitTraits(unit: AccessUnit): UnitTraits | undefined {
  const codec = codecOf(unit.stream);
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
  const sps = unit.key || !traits ? spsOf(unit) : undefined;
  const announced = sps ? sps.reorders : traits?.announced;
  const goesBack = (traits?.goesBack ?? false) || (back > 0 && back <= MAX_REORDER_SECONDS);
  const hasB = (traits?.hasB ?? false) || found.type === 'B';
  return {
    reorders: goesBack || (announced ?? (hasB && codecOf(unit.stream) === 'h264')),
    announced,
    goesBack,
    hasB,
    slices: Math.max(traits?.slices ?? 0, found.slices),
    intraRefresh:
      found.entry === 'clean' ? false : (traits?.intraRefresh ?? false) || (found.entry === 'gradual' && isOverdue),
    previousSeconds: seconds,
    cleanSeconds,
  };
}

/** Of the access unit, or of the stream where it has none; undefined where that is damaged. */
function spsOf(unit: AccessUnit): Sps | undefined {
  const codec = codecOf(unit.stream) ?? 'h264';
  const isSps = (nal: Buffer) => (nalRoles(codec, nalType(codec, nal)) & ROLE.sps) !== 0;
  const nal = splitNals(unit.data, MAX_NALS).find(isSps) ?? splitNals(unit.stream.extradata, MAX_NALS).find(isSps);
  return nal && readSps(codec, nal);
}
