import type { LumaFrame, Moment, Picture } from './frame.ts';

/**
 * What yields the frames of one camera. How it decodes (everything, keyframes, on demand) is its own affair.
 *
 * The caller iterates `frames` once per session; the iterator ends when `signal` aborts and throws a FramegateError (`ERR_SOURCE_*`)
 * when the camera is lost. It never reconnects by itself: `supervise` does.
 */
export interface Source {
  frames(signal: AbortSignal): AsyncIterable<LumaFrame>;

  /**
   * Holds on to what is needed for the full-resolution picture of `moment`, cheaply and without decoding; call it while the frame is
   * fresh. The returned function decodes it, within the caller's deadline; it throws `ERR_PICTURE_GONE` or `ERR_PICTURE_FAILED`.
   */
  capture(moment: Moment): (signal: AbortSignal) => Promise<Picture>;
}
