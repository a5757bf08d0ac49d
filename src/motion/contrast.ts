import { blend } from './blend.ts';
import { SHRUNK_SCALE } from './shrink.ts';

/** Dark and bright ends of a picture, as percentiles (Frigate's), so that a lamp or a black post does not count. */
const LOW = 0.04;
const HIGH = 0.96;
/** Every third pixel is plenty for a percentile. */
const STEP = 3;
/** A dull picture is not amplified beyond this: what remains is sensor noise and compression. */
const MAX_GAIN = 4;
/** The gain follows the light of the day, not a white van that drives by. */
const SMOOTHING_MS = 10_000;
const MEASURE_MS = 1000;

/**
 * How much the picture would have to be stretched to fill the gray scale: 1 (full contrast) to `MAX_GAIN`, smoothed over time. Ignores
 * masked pixels.
 */
export type ContrastMeter = (frame: Uint16Array, masked: Uint8Array, dt: number) => number;

/**
 * A meter to divide thresholds by. Stretching the frames themselves, as others do, makes every change of the stretch look like a change
 * of the scene.
 */
export function createContrastMeter(): ContrastMeter {
  const histogram = new Uint32Array(256);
  let span: number | undefined;
  let passed = MEASURE_MS;
  return (frame, masked, dt) => {
    passed += Math.max(0, dt);
    if (span !== undefined && dt >= 0 && passed < MEASURE_MS) return Math.min(MAX_GAIN, 255 / span);
    histogram.fill(0);
    let samples = 0;
    for (let i = 0; i < frame.length; i += STEP) {
      if (masked[i] === 1) continue;
      histogram[(frame[i]! / SHRUNK_SCALE) | 0]! += 1;
      samples += 1;
    }
    const now = Math.max(1, level(histogram, samples * HIGH) - level(histogram, samples * LOW));
    span = span === undefined || dt < 0 ? now : span + blend(passed, SMOOTHING_MS) * (now - span);
    passed = 0;
    return Math.min(MAX_GAIN, 255 / span);
  };
}

/** The gray level below or at which more than `rank` pixels lie. */
function level(histogram: Uint32Array, rank: number): number {
  let seen = 0;
  for (let gray = 0; gray < 255; gray += 1) {
    seen += histogram[gray]!;
    if (seen > rank) return gray;
  }
  return 255;
}
