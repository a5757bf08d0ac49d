import type { Remembered } from './known-scene.ts';
import { SHRUNK_SCALE } from './shrink.ts';

/** Noise assumed before any was measured, in gray levels. */
const INITIAL_NOISE = 2;
const WHITE = 255 * SHRUNK_SCALE;

/** How one frame is compared and learnt. Weights are 0..1, see `blend`. */
export interface Learning {
  /** Gray levels by which a pixel must differ from the background to count as changed, at least. */
  readonly threshold: number;
  /** It must also differ by this many times its noise. */
  readonly noiseFactor: number;
  /** The fraction of its value by which a pixel may differ in addition. */
  readonly slack: number;
  /** Weight of the frame in the background, where nothing changed. */
  readonly quietWeight: number;
  /** Weight of the frame in the recent value of changed pixels. */
  readonly recentWeight: number;
  /** Weight of the frame in the noise of each pixel. */
  readonly noiseWeight: number;
  /** Weight of the jump with which a pixel changed in its noise. */
  readonly jumpWeight: number;
  /** Milliseconds since the frame before. */
  readonly dt: number;
  /** A changed pixel that kept its new value for this many ms becomes background; `absorbSoonAfter` where `soon` says so. */
  readonly absorbAfter: number;
  readonly absorbSoonAfter: number;
}

/**
 * What the scene looks like when nothing moves: a running average per pixel, with the pixel's own noise (leaves, water, a flickering lamp)
 * beside it. Values are shrunk pixels (`SHRUNK_SCALE` per gray level).
 *
 * Changed pixels do not blend into the average: a slow walker would leave a trail. They replace it once they have kept still long enough, a
 * parked car. What they replaced is remembered, so that the ground is known at once when the car leaves.
 */
export class Background {
  readonly mean: Float32Array;
  /** 1 for each pixel that differed in the latest frame; never for a masked one. */
  readonly changed: Uint8Array;
  /** 1 for each pixel that is not looked at. */
  readonly #masked: Uint8Array;
  /** The background that the current one replaced. */
  readonly #former: Float32Array;
  /** Running average of a changed pixel since it changed, kept when it is one no more: tells a parked object from a moving one. */
  readonly recent: Float32Array;
  /** For how many ms a changed pixel has kept its recent value. */
  readonly still: Float32Array;
  /** 1 for each pixel that differs, but by light or by something taken away: it is absorbed soon. Set from outside after each frame. */
  readonly soon: Uint8Array;
  /**
   * Mean distance of a pixel from its background, or from its recent value while changed: a standing person is no noise, swaying leaves
   * are.
   */
  readonly noise: Float32Array;

  constructor(masked: Uint8Array) {
    const pixels = masked.length;
    this.mean = new Float32Array(pixels);
    this.changed = new Uint8Array(pixels);
    this.#masked = masked;
    this.#former = new Float32Array(pixels);
    this.recent = new Float32Array(pixels);
    this.still = new Float32Array(pixels);
    this.noise = new Float32Array(pixels);
    this.soon = new Uint8Array(pixels);
  }

  /** Forgets everything: the frame is the background. */
  restart(frame: Uint16Array): void {
    this.mean.set(frame);
    this.changed.fill(0);
    this.#former.set(frame);
    this.noise.fill(INITIAL_NOISE * SHRUNK_SCALE);
  }

  /** Takes back changes that one pixel of shaking would explain; returns how many. */
  forgive(frame: Uint16Array, width: number, threshold: number): number {
    const { mean, changed } = this;
    const tolerance = threshold * SHRUNK_SCALE;
    let count = 0;
    const end = frame.length - width - 1;
    const next = (from: number) => (changed[from] === 1 ? from : changed.indexOf(1, from));
    for (let i = next(width + 1); i >= 0 && i < end; i = next(i + 1)) {
      let low = mean[i]!;
      let high = low;
      for (let row = i - width; row <= i + width; row += width) {
        low = Math.min(low, mean[row - 1]!, mean[row]!, mean[row + 1]!);
        high = Math.max(high, mean[row - 1]!, mean[row]!, mean[row + 1]!);
      }
      if (frame[i]! < low - tolerance || frame[i]! > high + tolerance) continue;
      changed[i] = 0;
      count += 1;
    }
    return count;
  }

  /** Becomes the scene that was kept. */
  resume({ mean, noise }: Remembered): void {
    this.mean.set(mean);
    this.#former.set(mean);
    this.noise.set(noise);
    this.changed.fill(0);
  }

  /** Makes everything remembered brighter or darker, as the camera's exposure did. */
  expose(ratio: number): void {
    const { mean, recent, changed } = this;
    const former = this.#former;
    for (let i = 0; i < mean.length; i += 1) {
      mean[i] = Math.min(WHITE, mean[i]! * ratio);
      former[i] = Math.min(WHITE, former[i]! * ratio);
      if (changed[i] === 1) recent[i] = Math.min(WHITE, recent[i]! * ratio);
    }
  }

  /** Compares a frame with the background and learns from it. Returns how many pixels changed; `changed` tells which. */
  update(frame: Uint16Array, learning: Learning): number {
    const { noiseFactor, slack, quietWeight, recentWeight, noiseWeight, jumpWeight, dt, absorbAfter, absorbSoonAfter } =
      learning;
    const floor = learning.threshold * SHRUNK_SCALE;
    const { mean, noise, recent, changed, still, soon } = this;
    const masked = this.#masked;
    const former = this.#former;
    let count = 0;
    for (let i = 0; i < frame.length; i += 1) {
      const value = frame[i]!;
      const usual = mean[i]!;
      const spread = noise[i]!;
      const difference = value - usual;
      const distance = Math.abs(difference);
      // What is masked is learnt all the same: the mask may go.
      if (
        distance <= floor ||
        distance <= floor + slack * usual ||
        distance <= noiseFactor * spread ||
        masked[i] === 1
      ) {
        mean[i] = usual + quietWeight * difference;
        noise[i] = spread + noiseWeight * (distance - spread);
        changed[i] = 0;
        continue;
      }
      const threshold = Math.max(floor + slack * usual, noiseFactor * spread);
      if (changed[i] === 0) {
        noise[i] = spread + jumpWeight * (distance - spread);
        recent[i] = value;
        still[i] = 0;
      } else {
        const step = value - recent[i]!;
        const stride = Math.abs(step);
        noise[i] = spread + noiseWeight * (stride - spread);
        recent[i] = recent[i]! + recentWeight * step;
        still[i] = stride <= threshold ? still[i]! + dt : 0;
      }
      const isFormer = Math.abs(value - former[i]!) <= threshold;
      if (isFormer || still[i]! >= (soon[i] === 1 ? absorbSoonAfter : absorbAfter)) {
        // Ground that reappears is ground for good: what had stood there must be seen when it comes again.
        if (!isFormer) former[i] = usual;
        mean[i] = isFormer ? former[i]! : recent[i]!;
        changed[i] = 0;
        continue;
      }
      changed[i] = 1;
      count += 1;
    }
    return count;
  }
}
