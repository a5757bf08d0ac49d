import type { DecodeSnapshot } from './decode/decode-snapshot.ts';
import type { Look, LumaFrame, Moment, Picture } from './frame.ts';

/**
 * What yields the frames of one camera. How it decodes (everything, keyframes, on demand) is its own affair.
 *
 * The caller iterates `frames` once per session; the iterator ends when `signal` aborts and throws a FramegateError (`ERR_SOURCE_*`)
 * when the camera is lost. It never reconnects by itself: `supervise` does.
 */
export interface Source {
  frames(signal: AbortSignal): AsyncIterable<LumaFrame>;

  /** Tells what the caller saw in a frame; call it for each. */
  attend(look: Look): void;

  /** Decodes every wanted frame until `until` at least: something outside says that there is something to see. Nothing without a session. */
  wake(until: number): void;

  /** The picture of the first frame at `at` or later will probably be wanted: it is cheap if that is known beforehand. */
  order(at: number): void;

  /** How frames are decoded now; undefined while there is no session. */
  decoding(): DecodeSnapshot | undefined;

  /**
   * Holds on to what is needed for the full-resolution picture of `moment`, cheaply and without decoding; call it while the frame is
   * fresh. The returned function decodes it, within the caller's deadline; it throws `ERR_PICTURE_GONE` or `ERR_PICTURE_FAILED`.
   */
  capture(moment: Moment): (signal: AbortSignal) => Promise<Picture>;
}
