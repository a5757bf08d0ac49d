import { SHRUNK_SCALE } from './shrink.ts';

/** Every third pixel is plenty to know a scene again. */
const STEP = 3;
/** A pixel may differ by this many times its noise. */
const NOISE_FACTOR = 4;

/** What is kept of a background: mean and noise per pixel, in shrunk pixels. */
export interface Remembered {
  readonly mean: Float32Array;
  readonly noise: Float32Array;
}

/** The scene before the last change, in case it comes back: a flash, a damaged frame, a lamp that goes off again. */
export class KnownScene implements Remembered {
  readonly mean: Float32Array;
  readonly noise: Float32Array;
  #isKept = false;

  constructor(pixels: number) {
    this.mean = new Float32Array(pixels);
    this.noise = new Float32Array(pixels);
  }

  keep({ mean, noise }: Remembered): void {
    this.mean.set(mean);
    this.noise.set(noise);
    this.#isKept = true;
  }

  /** True if a scene was kept and at most the part `most` of the frame differs from it by more than `threshold` gray levels. */
  matches(frame: Uint16Array, masked: Uint8Array, threshold: number, most: number): boolean {
    if (!this.#isKept) return false;
    let different = 0;
    for (let i = 0; i < frame.length; i += STEP) {
      const limit = Math.max(threshold * SHRUNK_SCALE, NOISE_FACTOR * this.noise[i]!);
      if (masked[i] === 0 && Math.abs(frame[i]! - this.mean[i]!) > limit) different += STEP;
    }
    return different <= most * frame.length;
  }
}
