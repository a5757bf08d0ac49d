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
  /** What of it was asked for beforehand, if anything. */
  readonly part?: PicturePart | undefined;
}

/** A square part of a picture; place and size in whole pixels of it. */
export interface PicturePart {
  readonly left: number;
  readonly top: number;
  readonly side: number;
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

/** Mean gray level, 0..255: every 16th pixel tells day from night well enough. */
export function meanLuma({ data }: LumaFrame): number {
  let sum = 0;
  for (let index = 0; index < data.length; index += 16) sum += data[index] ?? 0;
  return sum / Math.max(1, Math.ceil(data.length / 16));
}
