import type { Box } from '../lib/box.ts';
import type { Transport } from './config.ts';
import type { DecodeSnapshot } from './decode/decode-snapshot.ts';
import type { Look, LumaFrame, Moment, Picture } from './frame.ts';

export interface SourceSnapshot extends DecodeSnapshot {
  /** What receives the stream: our own client, or an ffmpeg process. */
  readonly transport: Exclude<Transport, 'auto'>;
}

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

  /** Nobody looks for motion until this is taken back: as little as possible is decoded. Pictures can be had all the same. */
  pause(isPaused: boolean): void;

  /**
   * The picture of the first frame at `at` or later will probably be wanted, and its part around `area`: it is cheap if that is known
   * beforehand. The latest order counts.
   */
  order(at: number, area?: Box): void;

  /** How frames are received and decoded now; undefined while there is no session. */
  decoding(): SourceSnapshot | undefined;

  /**
   * Holds on to what is needed for the full-resolution picture of `moment`, cheaply and without decoding; call it while the frame is
   * fresh. The returned function decodes it, within the caller's deadline; it throws `ERR_PICTURE_GONE` or `ERR_PICTURE_FAILED`. The picture
   * has a `part` around `area` where that could be had for little.
   */
  capture(moment: Moment, area?: Box): (signal: AbortSignal) => Promise<Picture>;
}
