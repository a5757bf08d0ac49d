/**
 * How long a camera may be without frames after each fault, told in what it depends on. The gateway promises these times; the tests of this
 * folder hold it to them.
 */

export interface RecoveryTime {
  /** Whole GOPs that may pass: a decoder can begin at a keyframe only. */
  readonly gops: number;
  /** Fixed part, in ms: deadlines, back-off, the start of a process. */
  readonly ms: number;
  /** Most that may be missing between two frames of the stream, in GOPs; 0: not one frame. Undefined: what lay in the outage. */
  readonly missingGops: number | undefined;
}

/** What a busy machine of two cores may add to each of them, in ms. */
export const SLACK_MS = 3000;

/** A decoder that owes frames is taken to hang after 3 s, or 4 s when it gave none yet; the next one begins with what is kept of the stream. */
const HANG_MS = 4000;
/** A keyframe takes 20 ms; after 2 s the shared decoder is replaced. */
const KEYFRAME_DEADLINE_MS = 2000;
/** Of an idle camera whose packets are trusted, every fifth keyframe is looked at. */
export const KEYFRAMES_PER_LOOK = 5;
/** The first pause before a camera is opened anew, at its longest. */
const FIRST_BACKOFF_MS = 1000;

export const RECOVERY = {
  /** Counted as `damaged`, picture by picture. */
  packetLoss: { gops: 1, ms: 0, missingGops: 2 },
  corruptPackets: { gops: 2, ms: 0, missingGops: 3 },
  truncatedPackets: { gops: 2, ms: 0, missingGops: 3 },
  garbage: { gops: 1, ms: 0, missingGops: 2 },
  /** The time of arrival takes the place of the camera's clock: no frame is lost, and time never goes back. */
  clock: { gops: 0, ms: 0, missingGops: 0 },
  /** The change comes with a keyframe. */
  parameterSets: { gops: 1, ms: 0, missingGops: 1 },
  /** From the end of the outage on; `stallTimeout` after its beginning the session was given up. */
  silence: { gops: 1, ms: 2 * FIRST_BACKOFF_MS, missingGops: undefined },
  droppedSession: { gops: 1, ms: FIRST_BACKOFF_MS, missingGops: undefined },
  /** Replaced within the session; frames since the last one come out of what is kept, so none is missing. */
  killedDecoder: { gops: 0, ms: 500, missingGops: 0 },
  hungDecoder: { gops: 0, ms: HANG_MS + 500, missingGops: 0 },
  /** At the look after the one that failed. */
  killedKeyframeDecoder: { gops: 2 * KEYFRAMES_PER_LOOK, ms: 0, missingGops: KEYFRAMES_PER_LOOK },
  hungKeyframeDecoder: { gops: 2 * KEYFRAMES_PER_LOOK, ms: KEYFRAME_DEADLINE_MS, missingGops: KEYFRAMES_PER_LOOK },
} as const satisfies Record<string, RecoveryTime>;

/** In ms, for a camera with a keyframe every `gopMs`, on a busy machine. */
export function recoveryMs({ gops, ms }: RecoveryTime, gopMs: number): number {
  return gops * gopMs + ms + SLACK_MS;
}
