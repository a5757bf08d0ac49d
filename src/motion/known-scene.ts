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
export class KnownScene {
  #kept: Remembered | undefined;

  keep({ mean, noise }: Remembered): void {
    // Most cameras never need it.
    this.#kept ??= { mean: new Float32Array(mean.length), noise: new Float32Array(noise.length) };
    this.#kept.mean.set(mean);
    this.#kept.noise.set(noise);
  }

  /** The scene that was kept, if at most the part `most` of the frame differs from it by more than `threshold` gray levels. */
  match(frame: Uint16Array, masked: Uint8Array, threshold: number, most: number): Remembered | undefined {
    if (!this.#kept) return undefined;
    const { mean, noise } = this.#kept;
    let different = 0;
    for (let i = 0; i < frame.length; i += STEP) {
      const limit = Math.max(threshold * SHRUNK_SCALE, NOISE_FACTOR * noise[i]!);
      if (masked[i] === 0 && Math.abs(frame[i]! - mean[i]!) > limit) different += STEP;
    }
    return different <= most * frame.length ? this.#kept : undefined;
  }
}
