import type { Box } from '../lib/box.ts';

/** A moment on the two clocks that matter. */
export interface Moment {
  /** Monotonic milliseconds (`performance.now()`): for intervals, deadlines and order. */
  readonly at: number;
  /** Milliseconds since the Unix epoch: for people. */
  readonly time: number;
}

/** One small decoded picture, gray only: what motion looks at. */
export interface LumaFrame extends Moment {
  readonly width: number;
  readonly height: number;
  /** `width * height` bytes, row by row from the top left, 0 black to 255 white. */
  readonly data: Uint8Array;
}

/** One full-resolution picture: what the model and people look at. */
export interface Picture extends Moment {
  readonly jpeg: Buffer;
}

/** What the caller saw in a frame. */
export interface Look {
  /** Of the frame. */
  readonly at: number;
  /** Where something moves. */
  readonly regions: readonly Box[];
  /** It is worth seeing more: frames shall keep coming at full rate for a while. */
  readonly hold: boolean;
}
