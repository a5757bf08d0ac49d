import type { Box } from '../lib/box.ts';
import type { LumaFrame } from '../source/frame.ts';
import { Background } from './background.ts';
import { blend } from './blend.ts';
import { createClutter } from './clutter.ts';
import { createContrastMeter } from './contrast.ts';
import { createExposure } from './exposure.ts';
import { KnownScene } from './known-scene.ts';
import { looksOf, TAKEN_AWAY } from './looks.ts';
import { rasterise } from './mask.ts';
import { MAX_REGIONS, type Motion, type MotionState } from './motion.ts';
import type { MotionParameters } from './parameters.ts';
import type { Region } from './regions.ts';
import { createShakeMeter, unshift } from './shake.ts';
import type { Candidate, Track } from './track.ts';
import { createTracks, FRESH } from './tracks.ts';
import { workbenchFor } from './workbench.ts';

/** A new background is not trusted for this long, nor for the first frames of a slow stream. */
const CALIBRATION_MS = 1000;
const CALIBRATION_FRAMES = 3;
/** For this long nobody knows what sways here: things must prove themselves for up to so many times longer. */
const SETTLING_MS = 3000;
const UNSETTLED = 3;
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
/** No threshold falls below this many gray levels, however dull the picture: the steps of 8-bit video. */
const MIN_THRESHOLD = 4;
/** A flash or a damaged frame is over within this time. */
const FLASH_MS = 3000;
/** A scene that was seen before is known again when no more of it than this differs. */
const KNOWN_SCENE = 0.15;
/** For this long after a shake, what one pixel of it explains is no change. */
const SHAKEN_MS = 1000;
/** Light, and ground that a thing taken away has uncovered, are background after this long. */
const ABSORB_SOON_MS = 1000;
/** Below these, see `Looks`, an area in which nothing was seen to move is only lit differently. */
const LIGHT_EDGES = 0.1;
const LIGHT_RIM = 0.1;
/** What is wider than this times its height and does not move is parked; what is higher may be somebody who stands. */
const PARKED_WIDTH = 1.25;

/** Fewer pixels than this are noise, however small the picture. */
const MIN_PIXELS = 5;
/** What was found may become smaller by this factor and is still followed: far away, little of it stands out at times. */
const FADING = 0.5;
/** What enters the picture is at least this many times as large as anything must be, and at most this part of the picture. */
const ENTERING = 8;
const MAX_ENTERING = 0.1;
/** The outermost pixels are in no region. */
const BORDER = 1;

/** A detector for frames of one size. */
export interface SceneDetector {
  look(frame: LumaFrame): Motion;
  configure(parameters: MotionParameters): void;
}

export function createSceneDetector(initial: MotionParameters, frameWidth: number, frameHeight: number): SceneDetector {
  const width = frameWidth >> 1;
  const height = frameHeight >> 1;
  const { shrink, findRegions, pixels, unshifted } = workbenchFor(frameWidth, frameHeight);
  const masked = new Uint8Array(width * height);
  const background = new Background(masked);
  const known = new KnownScene();
  const contrast = createContrastMeter();
  const exposure = createExposure(background, masked, width);
  const shake = createShakeMeter(width, height);
  const clutter = createClutter(width, height);
  const tracks = createTracks(clutter);
  let parameters = initial;
  let looked = 1;
  let within: Uint8Array = new Uint8Array(0);
  let lastAt = Number.NEGATIVE_INFINITY;
  let changedAt = Number.NEGATIVE_INFINITY;
  let shakenAt = Number.NEGATIVE_INFINITY;
  let startedAt = 0;
  let frames = 0;

  const configure = (next: MotionParameters) => {
    parameters = next;
    masked.set(rasterise(next.masks, width, height));
    within = next.within.length > 0 ? rasterise(next.within, width, height) : new Uint8Array(0);
    looked = Math.max(1, pixels.length - masked.reduce((sum, value) => sum + value, 0));
  };

  const restart = (at: number, state: MotionState, score: number): Motion => {
    background.restart(pixels);
    exposure.restart();
    startedAt = at;
    frames = 1;
    return { score, regions: [], state };
  };

  /** Compares the frame with the background, after taking shaking and exposure out. Returns the changed fraction. */
  const compare = (at: number, dt: number, threshold: number): number => {
    const age = at - startedAt;
    const weight = (timeConstant: number, time = dt) =>
      blend(time, Math.min(timeConstant, Math.max(MIN_AVERAGE_MS, age)));
    const slack = exposure.follow(pixels, dt);
    const shift = shake(pixels, background.mean, background.changed, at);
    if (shift) {
      shakenAt = at;
      unshift(pixels, background.mean, width, height, shift, unshifted);
      pixels.set(unshifted);
    }
    const changed = background.update(pixels, {
      threshold,
      noiseFactor: parameters.noiseFactor,
      slack,
      quietWeight: weight(QUIET_MS),
      recentWeight: blend(dt, RECENT_MS),
      noiseWeight: weight(NOISE_MS),
      jumpWeight: weight(NOISE_MS, JUMP_MS),
      dt,
      absorbAfter: parameters.absorbAfter,
      absorbSoonAfter: ABSORB_SOON_MS,
    });
    const forgiven = at - shakenAt < SHAKEN_MS ? background.forgive(pixels, width, threshold) : 0;
    return (changed - forgiven) / looked;
  };

  /** Tells a change of the whole scene, and returns to the scene before when it was only a flash. */
  const sceneChange = (at: number, score: number): Motion | undefined => {
    const isChange = score > parameters.sceneChange;
    const isFlashOver = score > Math.min(KNOWN_SCENE, parameters.sceneChange) && at - changedAt < FLASH_MS;
    if (!isChange && !isFlashOver) return undefined;
    const before = known.match(pixels, masked, 2 * parameters.threshold, KNOWN_SCENE);
    if (before) {
      background.resume(before);
      startedAt = at - MAX_GAP_MS;
      return { score, regions: [], state: 'scene_change' };
    }
    if (!isChange) return undefined;
    if (at - startedAt > CALIBRATION_MS) known.keep(background);
    changedAt = at;
    return restart(at, 'scene_change', score);
  };

  const candidate = (region: Region, least: number, isSettled: boolean): Candidate => {
    const part = region.area / pixels.length;
    const isEntering =
      isSettled && part >= ENTERING * parameters.minArea && part <= MAX_ENTERING && isAtBorder(region, width, height);
    return {
      region,
      looks: looksOf(region, pixels, background, width, height),
      isWanted:
        part <= parameters.maxArea && (within.length === 0 || region.pixels.some((pixel) => within[pixel] === 1)),
      isEntering,
      isFading: region.area < least,
    };
  };

  const isMoving = ({ isSeen, isWanted, isConfirmed, looks, region }: Track) =>
    isSeen && isWanted && isConfirmed && (looks.fresh >= FRESH || !isWide(region));

  const look = ({ at, data }: LumaFrame): Motion => {
    shrink(data, pixels);
    const dt = at - lastAt;
    lastAt = at;
    const gain = parameters.improveContrast ? contrast(pixels, masked, dt) : 1;
    if (dt < 0 || dt > MAX_GAP_MS) return restart(at, 'calibrating', 0);

    frames += 1;
    const score = compare(at, dt, Math.max(MIN_THRESHOLD, parameters.threshold / gain));
    const change = sceneChange(at, score);
    if (change) return change;
    if (at - startedAt < CALIBRATION_MS || frames < CALIBRATION_FRAMES)
      return { score, regions: [], state: 'calibrating' };

    const least = Math.max(MIN_PIXELS, parameters.minArea * pixels.length);
    const found = findRegions(background.changed, FADING * least);
    const settled = Math.min(1, (at - startedAt) / SETTLING_MS);
    const candidates = found.map((region) => candidate(region, least, settled === 1));
    tracks.update(candidates, at, dt, parameters.confirm, UNSETTLED - (UNSETTLED - 1) * settled);
    absorbSoon(background, tracks.all);
    const moving = tracks.all.filter(isMoving).sort((a, b) => b.region.area - a.region.area);
    const regions = moving.slice(0, MAX_REGIONS).map(({ region }) => boxOf(region, width, height));
    return { score, regions, state: regions.length > 0 ? 'moving' : 'quiet' };
  };

  configure(initial);
  return { look, configure };
}

/** Marks what is only light, and ground that was uncovered, to become background soon. */
function absorbSoon(background: Background, tracks: readonly Track[]): void {
  background.soon.fill(0);
  for (const { region, looks, isSeen, isConfirmed } of tracks) {
    const isLight = !isConfirmed && looks.edges < LIGHT_EDGES && looks.rim < LIGHT_RIM;
    if (isSeen && (isLight || looks.gone > TAKEN_AWAY)) for (const i of region.pixels) background.soon[i] = 1;
  }
}

function isWide({ left, top, right, bottom }: Region): boolean {
  return right - left > PARKED_WIDTH * (bottom - top);
}

/** True for what comes in through the border; not for a strip of damaged blocks, which is as wide as the picture. */
function isAtBorder({ left, top, right, bottom }: Region, width: number, height: number): boolean {
  if (right - left > width / 2) return false;
  return left <= BORDER || top <= BORDER || right >= width - 1 - BORDER || bottom >= height - 1 - BORDER;
}

function boxOf({ left, top, right, bottom }: Region, width: number, height: number): Box {
  return [left / width, top / height, (right - left + 1) / width, (bottom - top + 1) / height];
}
