import { readFile } from 'node:fs/promises';
import { FramegateError } from '../../lib/errors.ts';
import { type AccessUnit, cutAccessUnits, splitNals } from '../../rtsp/annex-b.ts';
import { isParameterSet, type VideoCodec } from '../../rtsp/nal.ts';

/** A stream in memory, ready to be played in a loop. */
export interface ElementaryStream {
  readonly codec: VideoCodec;
  /** Access units per second. */
  readonly fps: number;
  /** In decoding order, in which timestamps rise: with B-frames they are not those of showing. The first is a keyframe. */
  readonly accessUnits: readonly AccessUnit[];
  /** The first parameter set of each kind: (VPS,) SPS, PPS. */
  readonly parameterSets: readonly Buffer[];
}

/**
 * Reads an Annex B file (or its bytes). What precedes the first keyframe is left out.
 *
 * @throws ERR_STREAM_CORRUPT when it has no keyframe or no parameter sets.
 */
export async function loadStream(file: string | Buffer, codec: VideoCodec, fps: number): Promise<ElementaryStream> {
  const name = typeof file === 'string' ? file : 'the given bytes';
  const nals = splitNals(typeof file === 'string' ? await readFile(file) : file);
  const all = cutAccessUnits(codec, nals);
  const first = all.findIndex((unit) => unit.keyframe);
  const sets = new Map<number, Buffer>();
  for (const nal of nals) {
    const header = nal[0] ?? 0;
    if (isParameterSet(codec, nal) && !sets.has(header)) sets.set(header, nal);
  }
  if (first === -1 || sets.size === 0) {
    throw new FramegateError('ERR_STREAM_CORRUPT', `no ${codec} keyframe in ${name}`, {
      hint: `give an Annex B byte stream, made for instance with ffmpeg -f ${codec === 'h264' ? 'h264' : 'hevc'}`,
      retryable: false,
    });
  }
  return { codec, fps, accessUnits: all.slice(first), parameterSets: [...sets.values()] };
}
