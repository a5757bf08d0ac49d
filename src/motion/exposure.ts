import type { Background } from './background.ts';
import { blend } from './blend.ts';
import { SHRUNK_SCALE } from './shrink.ts';

/**
 * Cameras steer their exposure over several frames. Brightness that changes faster than this (natural logarithm per second, and per
 * frame) is a lamp or another camera mode.
 */
const MAX_RATE_PER_SECOND = 2;
const MAX_STEP = 0.4;
/** Every fifth pixel is plenty for a median. */
const STEP = 5;
/** Fewer pixels than this tell nothing about the light. */
const MIN_SAMPLES = 50;
/** Ratios of pixels darker than this many gray levels are noise. */
const MIN_LEVEL = 16;
const BINS = 512;
/** A ratio within this is near. */
const NEAR = 0.04;
/** A larger change of exposure shows in this many quarters of the picture; a damaged frame or a van does not. */
const QUARTERS = 3;
const BINS_PER_UNIT = 256;

/** An exposure that differs less is not worth following. */
const MIN_EXPOSURE_STEP = 0.002;
/**
 * While the exposure moves, bright and clipped pixels do not follow exactly: they may differ by this part of the movement of the last
 * seconds.
 */
const SLACK = 0.5;
const MAX_SLACK = 0.5;
const SLACK_MS = 2500;

/** Keeps a background as bright as the camera shows it. */
export interface Exposure {
  /** Follows the exposure of the next frame; returns the fraction of its value by which a pixel may still differ. */
  follow(frame: Uint16Array, dt: number): number;
  restart(): void;
}

export function createExposure(background: Background, masked: Uint8Array, width: number): Exposure {
  const meter = createExposureMeter(width);
  let unrest = 0;
  return {
    restart() {
      unrest = 0;
    },
    follow(frame, dt) {
      const ratio = meter(frame, background.mean, masked, background.changed, dt);
      unrest *= 1 - blend(dt, SLACK_MS);
      if (Math.abs(ratio - 1) >= MIN_EXPOSURE_STEP) {
        background.expose(ratio);
        unrest += Math.abs(Math.log(ratio));
      }
      return Math.min(MAX_SLACK, SLACK * unrest);
    },
  };
}

/**
 * By how much the frame is brighter (above 1) or darker than the background, as a camera's automatic exposure makes it; 1 when the change
 * is no such thing.
 */
type ExposureMeter = (
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
function createExposureMeter(width: number): ExposureMeter {
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
    const isEverywhere = (ratio: number) => agreeing(frame, background, changed, masked, width, ratio) >= QUARTERS;
    if (samples < MIN_SAMPLES) return 1;
    const ratio = median(histogram, samples) / BINS_PER_UNIT;
    const limit = Math.min(MAX_STEP, (MAX_RATE_PER_SECOND * dt) / 1000);
    if (Math.abs(Math.log(ratio)) > limit) return 1;
    return Math.abs(ratio - 1) < NEAR || isEverywhere(ratio) ? ratio : 1;
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

/** In how many quarters of the picture more pixels follow this ratio than stay as they are. */
function agreeing(
  frame: Uint16Array,
  background: Float32Array,
  changed: Uint8Array,
  masked: Uint8Array,
  width: number,
  ratio: number,
): number {
  const votes = new Int32Array(4);
  for (let i = 0; i < frame.length; i += STEP) {
    const usual = background[i]!;
    if (masked[i] === 1 || changed[i] === 1 || usual < MIN_LEVEL * SHRUNK_SCALE) continue;
    const vote = Math.abs(frame[i]! - usual) - Math.abs(frame[i]! - ratio * usual);
    const quarter = (i * 2 < frame.length ? 0 : 2) + ((i % width) * 2 < width ? 0 : 1);
    votes[quarter]! += Math.sign(vote);
  }
  return votes.filter((vote) => vote > 0).length;
}
