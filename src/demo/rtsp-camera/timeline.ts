import type { AccessUnit } from '../../rtsp/annex-b.ts';
import { CLOCK_RATE } from '../../rtsp/rtp.ts';
import type { ElementaryStream } from './elementary-stream.ts';

export interface TimelineStart {
  /** The moment of frame 0, in `performance.now()` milliseconds. */
  readonly at: number;
  /** Which access unit of the stream frame 0 is. */
  readonly offset: number;
  /** RTP timestamp of frame 0. */
  readonly timestamp: number;
}

/**
 * When which access unit of a looped stream is due. Frames are numbered from 0 and count on over the end of the stream, and so do their
 * timestamps: the loop has no seam.
 */
export class Timeline {
  readonly #stream: ElementaryStream;
  readonly #start: TimelineStart;

  constructor(stream: ElementaryStream, start: TimelineStart) {
    this.#stream = stream;
    this.#start = start;
  }

  get stream(): ElementaryStream {
    return this.#stream;
  }

  /** The newest frame due at `now`. */
  frameAt(now: number): number {
    return Math.floor(((now - this.#start.at) * this.#stream.fps) / 1000);
  }

  dueAt(frame: number): number {
    // Rounded up, so that a timer set to it never wakes before the frame is due.
    return this.#start.at + Math.ceil((frame * 1000) / this.#stream.fps);
  }

  /** Seconds since the start of the stream at `now`, from 0 to its length. */
  position(now: number): number {
    const length = this.#stream.accessUnits.length / this.#stream.fps;
    return ((now - this.#start.at) / 1000 + this.#start.offset / this.#stream.fps) % length;
  }

  accessUnit(frame: number): AccessUnit {
    const units = this.#stream.accessUnits;
    return units[(frame + this.#start.offset) % units.length] as AccessUnit;
  }

  /** RTP timestamp of a frame, 0 to 2^32 - 1. */
  timestamp(frame: number): number {
    return (this.#start.timestamp + Math.round((frame * CLOCK_RATE) / this.#stream.fps)) % 2 ** 32;
  }

  /** The first keyframe from `frame` on. */
  keyframeFrom(frame: number): number {
    let candidate = frame;
    while (!this.accessUnit(candidate).keyframe) candidate += 1;
    return candidate;
  }
}
