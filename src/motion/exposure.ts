import { SHRUNK_SCALE } from './shrink.ts';

/**
 * Cameras steer their exposure over several frames. Brightness that changes faster than this (natural logarithm per second, and per
 * frame) is a lamp or another camera mode.
 */
const MAX_RATE_PER_SECOND = 2;
const MAX_STEP = 0.4;
/** Every third pixel is plenty for a median. */
const STEP = 3;
/** Fewer pixels than this tell nothing about the light. */
const MIN_SAMPLES = 50;
/** Ratios of pixels darker than this many gray levels are noise. */
const MIN_LEVEL = 16;
const BINS = 512;
const BINS_PER_UNIT = 256;

/**
 * By how much the frame is brighter (above 1) or darker than the background, as a camera's automatic exposure makes it; 1 when the change
 * is no such thing.
 */
export type ExposureMeter = (
  frame: Uint16Array,
  background: Float32Array,
  masked: Uint8Array,
  changed: Uint8Array,
  dt: number,
) => number;

/**
 * The median ratio of frame to background over the pixels that are neither masked nor changed. Exposure multiplies all gray levels, also
 * gamma-coded ones; half of the picture may be covered by something else.
 */
export function createExposureMeter(): ExposureMeter {
  const histogram = new Uint32Array(BINS);
  return (frame, background, masked, changed, dt) => {
    histogram.fill(0);
    let samples = 0;
    for (let i = 0; i < frame.length; i += STEP) {
      const usual = background[i]!;
      if (masked[i] === 1 || changed[i] === 1 || usual < MIN_LEVEL * SHRUNK_SCALE) continue;
      histogram[Math.min(BINS - 1, ((frame[i]! / usual) * BINS_PER_UNIT + 0.5) | 0)]! += 1;
      samples += 1;
    }
    if (samples < MIN_SAMPLES) return 1;
    const ratio = median(histogram, samples) / BINS_PER_UNIT;
    const limit = Math.min(MAX_STEP, (MAX_RATE_PER_SECOND * dt) / 1000);
    return Math.abs(Math.log(ratio)) <= limit ? ratio : 1;
  };
}

/** The median of a histogram in bins, between bins by interpolation. Bins are centred on whole numbers. */
function median(histogram: Uint32Array, samples: number): number {
  let below = 0;
  let bin = 0;
  while (below + histogram[bin]! <= samples / 2) {
    below += histogram[bin]!;
    bin += 1;
  }
  return bin - 0.5 + (samples / 2 - below) / histogram[bin]!;
}
