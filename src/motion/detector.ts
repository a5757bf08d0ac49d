import type { LumaFrame } from '../source/frame.ts';
import { Background } from './background.ts';
import { blend } from './blend.ts';
import type { MotionConfig } from './config.ts';
import { createContrastMeter } from './contrast.ts';
import { createExposureMeter } from './exposure.ts';
import { rasterise } from './mask.ts';
import type { Motion, MotionState } from './motion.ts';
import { createRegionFinder } from './regions.ts';
import { shrink } from './shrink.ts';

/** A new background is not trusted for this long, nor for the first frames of a slow stream. */
const CALIBRATION_MS = 1000;
const CALIBRATION_FRAMES = 3;
/** After a gap of this length the light may be another: the background starts anew. */
const MAX_GAP_MS = 30_000;
/** Time constants of the running averages, once the background is older than they are. */
const QUIET_MS = 5000;
const RECENT_MS = 1500;
const NOISE_MS = 7000;
/** A jump of a pixel tells the same at any frame rate: it counts as noise of this duration. */
const JUMP_MS = 200;
/** While a background is younger, its averages run over its age, like the mean of all that was seen; but not over less than this. */
const MIN_AVERAGE_MS = 500;
/**
 * Something that was there from the start and leaves uncovers ground never seen before: a young background gives in after this part of
 * its age.
 */
const ABSORB_AGE = 0.5;
/** No threshold falls below this many gray levels, however dull the picture: the steps of 8-bit video. */
const MIN_THRESHOLD = 4;
/** An exposure that differs less is not worth following. */
const MIN_EXPOSURE_STEP = 0.002;
/**
 * While the exposure moves, bright and clipped pixels do not follow exactly: they may differ by this part of the movement of the last
 * seconds.
 */
const SLACK = 0.5;
const MAX_SLACK = 0.5;
const SLACK_MS = 5000;

/** Says what moves in each frame of one camera. */
export type MotionDetector = (frame: LumaFrame) => Motion;

/**
 * Background subtraction with a running average, in the family of Frigate's and Motion's detectors. All constants are times and
 * fractions, so that it behaves alike at any frame rate; time is `frame.at`. A frame of another size starts anew. Nothing is kept of
 * `frame.data`.
 */
export function createMotionDetector(config: MotionConfig): MotionDetector {
  let width = 0;
  let height = 0;
  let look: MotionDetector | undefined;
  return (frame) => {
    if (!look || frame.width !== width || frame.height !== height) {
      ({ width, height } = frame);
      look = createSceneDetector(config, width, height);
    }
    return look(frame);
  };
}

function createSceneDetector(config: MotionConfig, frameWidth: number, frameHeight: number): MotionDetector {
  const width = frameWidth >> 1;
  const height = frameHeight >> 1;
  const pixels = new Uint16Array(width * height);
  const masked = rasterise(config.masks, width, height);
  const looked = Math.max(1, pixels.length - masked.reduce((sum, value) => sum + value, 0));
  const minPixels = Math.max(1, config.minArea * pixels.length);
  const background = new Background(masked);
  const contrast = createContrastMeter();
  const exposure = createExposureMeter();
  const findRegions = createRegionFinder(width, height);
  let lastAt = Number.NEGATIVE_INFINITY;
  let startedAt = 0;
  let frames = 0;
  let unrest = 0;

  const restart = (at: number, state: MotionState, score: number): Motion => {
    background.restart(pixels);
    startedAt = at;
    frames = 1;
    unrest = 0;
    return { score, regions: [], state };
  };

  const followExposure = (dt: number) => {
    const ratio = exposure(pixels, background.mean, masked, background.changed, dt);
    unrest *= 1 - blend(dt, SLACK_MS);
    if (Math.abs(ratio - 1) < MIN_EXPOSURE_STEP) return;
    background.expose(ratio);
    unrest += Math.abs(Math.log(ratio));
  };

  return ({ at, data }) => {
    shrink(data, frameWidth, frameHeight, pixels);
    const dt = at - lastAt;
    lastAt = at;
    const gain = config.improveContrast ? contrast(pixels, masked, dt) : 1;
    if (dt < 0 || dt > MAX_GAP_MS) return restart(at, 'calibrating', 0);

    frames += 1;
    const age = at - startedAt;
    const weight = (timeConstant: number, time = dt) =>
      blend(time, Math.min(timeConstant, Math.max(MIN_AVERAGE_MS, age)));
    followExposure(dt);
    const changed = background.update(pixels, {
      threshold: Math.max(MIN_THRESHOLD, config.threshold / gain),
      noiseFactor: config.noiseFactor,
      slack: Math.min(MAX_SLACK, SLACK * unrest),
      quietWeight: weight(QUIET_MS),
      recentWeight: blend(dt, RECENT_MS),
      noiseWeight: weight(NOISE_MS),
      jumpWeight: weight(NOISE_MS, JUMP_MS),
      dt,
      absorbAfter: Math.min(config.absorbAfter, age * ABSORB_AGE),
    });
    const score = changed / looked;
    if (score > config.sceneChange) return restart(at, 'scene_change', score);
    if (age < CALIBRATION_MS || frames < CALIBRATION_FRAMES) return { score, regions: [], state: 'calibrating' };
    const regions = findRegions(background.changed, minPixels);
    return { score, regions, state: regions.length > 0 ? 'moving' : 'quiet' };
  };
}
