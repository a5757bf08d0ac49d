import type { LumaFrame } from '../../../src/source/frame.ts';
import { contourAreas, morph } from './contours.ts';

/** OpenCV's defaults for BackgroundSubtractorMOG2. */
const MODES = 5;
const HISTORY = 500;
const VAR_THRESHOLD = 16;
const VAR_THRESHOLD_GEN = 9;
const BACKGROUND_RATIO = 0.9;
const VAR_INIT = 15;
const VAR_MIN = 4;
const VAR_MAX = 75;
const COMPLEXITY_REDUCTION = 0.05;
/** A region counts from this fraction of the frame on, as Framegate's own default. */
const MIN_AREA = 0.0008;

/**
 * A mixture of Gaussians per pixel (Zivkovic, "Improved adaptive Gaussian mixture model for background subtraction", ICPR 2004) with
 * OpenCV's defaults, without shadows, followed by an opening with 3x3 and contours. True for each frame in which a contour is big enough.
 */
export function createMog2(): (frame: LumaFrame) => boolean {
  let weights = new Float32Array(0);
  let means = new Float32Array(0);
  let variances = new Float32Array(0);
  let used = new Uint8Array(0);
  let frames = 0;

  return ({ data, width, height }) => {
    const pixels = width * height;
    if (used.length !== pixels) {
      weights = new Float32Array(pixels * MODES);
      means = new Float32Array(pixels * MODES);
      variances = new Float32Array(pixels * MODES);
      used = new Uint8Array(pixels);
      frames = 0;
    }
    frames += 1;
    const rate = 1 / Math.min(2 * frames, HISTORY);
    const foreground = new Uint8Array(pixels);
    for (let i = 0; i < pixels; i += 1) {
      foreground[i] = pixel(i, data[i]!, rate) ? 0 : 1;
    }
    const opened = morph(morph(foreground, width, height, 'erode'), width, height, 'dilate');
    return contourAreas(opened, width, height).some((area) => area >= MIN_AREA * pixels) && frames > 1;
  };

  /** Updates one pixel's mixture; true if the value belongs to the background. */
  function pixel(i: number, value: number, rate: number): boolean {
    const first = i * MODES;
    const prune = -rate * COMPLEXITY_REDUCTION;
    let count = used[i]!;
    let isBackground = false;
    let fits = false;
    let sum = 0;
    for (let mode = 0; mode < count; mode += 1) {
      const k = first + mode;
      let weight = (1 - rate) * weights[k]! + prune;
      let place = k;
      if (!fits) {
        const difference = means[k]! - value;
        const distance = difference * difference;
        if (sum < BACKGROUND_RATIO && distance < VAR_THRESHOLD * variances[k]!) isBackground = true;
        if (distance < VAR_THRESHOLD_GEN * variances[k]!) {
          fits = true;
          weight += rate;
          const share = rate / weight;
          means[k] = means[k]! - share * difference;
          variances[k] = Math.min(VAR_MAX, Math.max(VAR_MIN, variances[k]! + share * (distance - variances[k]!)));
          while (place > first && weight > weights[place - 1]!) {
            swap(place, place - 1);
            place -= 1;
          }
        }
      }
      if (weight < -prune) {
        weight = 0;
        count -= 1;
      }
      weights[place] = weight;
      sum += weight;
    }
    for (let k = first; k < first + count; k += 1) weights[k] = weights[k]! / sum;
    if (!fits) {
      if (count < MODES) count += 1;
      const k = first + count - 1;
      weights[k] = count === 1 ? 1 : rate;
      means[k] = value;
      variances[k] = VAR_INIT;
      if (count > 1) for (let j = first; j < k; j += 1) weights[j] = weights[j]! * (1 - rate);
      for (let place = k; place > first && weights[place]! > weights[place - 1]!; place -= 1) swap(place, place - 1);
    }
    used[i] = count;
    return isBackground;
  }

  function swap(a: number, b: number): void {
    for (const values of [weights, means, variances]) {
      const held = values[a]!;
      values[a] = values[b]!;
      values[b] = held;
    }
  }
}
