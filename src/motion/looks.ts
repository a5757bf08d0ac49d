import type { Background } from './background.ts';
import type { Region } from './regions.ts';
import { SHRUNK_SCALE } from './shrink.ts';

/** Regions are judged by about this many of their pixels. */
const SAMPLES = 160;
/** Reach in pixels within which the background is searched for what a pixel shows now. */
const REACH = 2;
/** A step of brightness that the background has not counts as an edge from this part of the pixel's difference on. */
const EDGE = 0.4;
/** The same at the outline, as part of the region's mean difference. */
const RIM = 0.3;
/** Smaller steps than this, or than this many times the noise, are noise. */
const MIN_STEP = 4 * SHRUNK_SCALE;
const NOISE_FACTOR = 4;
/** Clipped white shows nothing of what is there. */
const WHITE = 248 * SHRUNK_SCALE;
/** A changed pixel that kept its value for this long no longer moves. */
const REST_MS = 3000;
/** What changed within this time stirs: one frame at ten a second or fewer. */
const STIR_MS = 100;

/** When more than this of a region's edges is `gone`, a thing was taken away. */
export const TAKEN_AWAY = 0.85;

/** What a region looks like, each 0..1. */
export interface Looks {
  /** Part of its pixels at edges that the background, in whatever light, does not have: an object has them, light has not. */
  readonly edges: number;
  /** Part of its outermost pixels where its difference begins with a sharp step: light ends softly. */
  readonly rim: number;
  /** Part of its pixels that the background shows within two pixels: leaves and water only move it to and fro. */
  readonly swaying: number;
  /** Part of its pixels that changed within the last seconds: a parked car has none. */
  readonly fresh: number;
  /** Part of its pixels that changed within the last tenth of a second: next to none in what only appeared, such as light. */
  readonly stirring: number;
  /** Part of the edges along its outline that were in the background: all where a thing was taken away, few where one came. */
  readonly gone: number;
}

export function looksOf(
  { pixels, area }: Region,
  frame: Uint16Array,
  background: Background,
  width: number,
  height: number,
): Looks {
  const { mean, noise, still, changed } = background;
  const stride = Math.max(1, Math.floor(area / SAMPLES));
  const samples = Math.ceil(area / stride);
  let sum = 0;
  for (let k = 0; k < area; k += stride) sum += Math.abs(frame[pixels[k]!]! - mean[pixels[k]!]!);
  const typical = sum / samples;
  let [edges, outermost, sharp, swaying, fresh, stirring, before, now] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let k = 0; k < area; k += stride) {
    const i = pixels[k]!;
    if (still[i]! < REST_MS) fresh += 1;
    if (still[i]! < STIR_MS) stirring += 1;
    const y = (i / width) | 0;
    const x = i - y * width;
    if (x < REACH || y < REACH || x >= width - REACH || y >= height - REACH) continue;
    const value = frame[i]!;
    const distance = Math.abs(value - mean[i]!);
    const least = Math.max(MIN_STEP, NOISE_FACTOR * noise[i]!);
    const across = frame[i + 1]! - frame[i - 1]!;
    const along = frame[i + width]! - frame[i - width]!;
    const usualAcross = mean[i + 1]! - mean[i - 1]!;
    const usualAlong = mean[i + width]! - mean[i - width]!;
    const light = value / Math.max(SHRUNK_SCALE, mean[i]!);
    const step = Math.max(Math.abs(across - light * usualAcross), Math.abs(along - light * usualAlong));
    if (value < WHITE && step > Math.max(EDGE * distance, least)) edges += 1;
    if (changed[i - 2] === 0 || changed[i + 2] === 0 || changed[i - 2 * width] === 0 || changed[i + 2 * width] === 0) {
      outermost += 1;
      if (step > Math.max(RIM * typical, least)) sharp += 1;
      now += Math.abs(across) + Math.abs(along);
      before += Math.abs(usualAcross) + Math.abs(usualAlong);
    }
    if (isNearby(value, mean, i, width, distance / 3)) swaying += 1;
  }
  return {
    edges: edges / samples,
    rim: sharp / Math.max(1, outermost),
    swaying: swaying / samples,
    fresh: fresh / samples,
    stirring: stirring / samples,
    gone: before / Math.max(1, before + now),
  };
}

/** True if a pixel of the background within reach has this value. */
function isNearby(value: number, mean: Float32Array, i: number, width: number, tolerance: number): boolean {
  for (let row = i - REACH * width; row <= i + REACH * width; row += width) {
    for (let j = row - REACH; j <= row + REACH; j += 1) {
      if (Math.abs(mean[j]! - value) <= tolerance) return true;
    }
  }
  return false;
}
