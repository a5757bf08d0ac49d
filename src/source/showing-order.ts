/** Further back than this, the camera's clock was set; B-frames lie within. */
const MAX_BACK_MS = 1000;
/** Pictures that a decoder may hold back: H.264, A.3.1, max_dec_frame_buffering. */
const MAX_DEPTH = 16;
/** So many timestamps that come too late, with no more than `PATIENCE` between them, are B-frames and no glitch. */
const MIN_LATE = 3;
const PATIENCE = 60;

/**
 * Gives timestamps that arrive in the order of decoding, as those of a stream with B-frames do, in the order of showing: the nth call returns the
 * nth smallest, as the nth picture that leaves a decoder has it. Streams without B-frames pass through. This is how FFmpeg makes `dts` of
 * `pts` (libavformat/demux.c, compute_pkt_fields); how many pictures are held back is learnt.
 */
export function createShowingOrder(): (ptsMs: number) => number {
  let depth = 0;
  let late = 0;
  let punctual = 0;
  let shown = Number.NEGATIVE_INFINITY;
  /** Ascending. */
  let waiting: number[] = [];
  return (ptsMs) => {
    if (Math.abs(ptsMs - shown) > MAX_BACK_MS) {
      waiting = [];
      shown = Number.NEGATIVE_INFINITY;
    }
    if (ptsMs < shown) {
      late += 1;
      punctual = 0;
    } else if (++punctual > PATIENCE) late = 0;
    if (late >= MIN_LATE && depth < MAX_DEPTH) {
      depth += 1;
      late = 0;
    }
    const place = waiting.findLastIndex((other) => other <= ptsMs) + 1;
    waiting.splice(place, 0, ptsMs);
    const next = waiting.length > depth ? waiting.shift() : waiting[0];
    shown = Math.max(shown, next ?? ptsMs);
    return shown;
  };
}
