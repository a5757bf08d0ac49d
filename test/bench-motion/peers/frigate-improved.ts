import type { LumaFrame } from '../../../src/source/frame.ts';
import { contourAreas, morph } from './contours.ts';

/** Frigate's defaults, and the constants its detector is made with. */
const HEIGHT = 100;
const THRESHOLD = 30;
const LIGHTNING = 0.8;
const CONTOUR_AREA = 10;
const FRAME_ALPHA = 0.01;
const CALIBRATING_ALPHA = 0.2;
const CONTRAST_HISTORY = 50;
const HELD_FRAMES = 10;
const FEW_BOXES = 4;
const LITTLE_MOTION = 0.05;

/**
 * `ImprovedMotionDetector` of Frigate (`frigate/motion/improved_motion.py`) at its defaults, after its description: contrast stretched by
 * the mean of the last 50 percentiles, a running average, no confirmation. True for each frame in which it finds a box.
 */
export function createFrigateImproved(): (frame: LumaFrame) => boolean {
  const lows = new Array<number>(CONTRAST_HISTORY).fill(0);
  const highs = new Array<number>(CONTRAST_HISTORY).fill(255);
  let slot = 0;
  let average = new Float32Array(0);
  let isCalibrating = true;
  let held = 0;

  return (frame) => {
    const width = Math.floor((HEIGHT * frame.width) / frame.height);
    if (average.length !== width * HEIGHT) average = new Float32Array(width * HEIGHT);
    const small = resize(frame, width, HEIGHT);
    const sorted = Uint8Array.from(small).sort();
    const low = Math.floor(sorted[Math.floor(0.04 * (sorted.length - 1))]!);
    const high = Math.floor(sorted[Math.floor(0.96 * (sorted.length - 1))]!);
    if (low < high) {
      lows[slot] = low;
      highs[slot] = high;
      slot = (slot + 1) % CONTRAST_HISTORY;
    }
    const picture = blur(stretch(small, mean(lows), mean(highs)), width, HEIGHT);
    const different = new Uint8Array(picture.length);
    for (let i = 0; i < picture.length; i += 1) {
      const usual = Math.min(255, Math.round(Math.abs(average[i]!)));
      different[i] = Math.abs(picture[i]! - usual) > THRESHOLD ? 1 : 0;
    }
    const areas = contourAreas(morph(different, width, HEIGHT, 'dilate'), width, HEIGHT);
    const boxes = areas.filter((area) => area > CONTOUR_AREA).length;
    const share = areas.reduce((sum, area) => sum + area, 0) / picture.length;
    if (share < LITTLE_MOTION && boxes <= FEW_BOXES) isCalibrating = false;
    if (isCalibrating || share > LIGHTNING) isCalibrating = true;
    if (boxes > 0) {
      held += 1;
      if (held >= HELD_FRAMES) learn(average, picture, isCalibrating);
    } else {
      learn(average, picture, isCalibrating);
      held = 0;
    }
    return boxes > 0;
  };
}

function learn(average: Float32Array, picture: Uint8Array, isCalibrating: boolean): void {
  const alpha = isCalibrating ? CALIBRATING_ALPHA : FRAME_ALPHA;
  for (let i = 0; i < picture.length; i += 1) average[i] = average[i]! + alpha * (picture[i]! - average[i]!);
}

/** Nearest neighbour, as OpenCV does it. */
function resize({ data, width, height }: LumaFrame, columns: number, rows: number): Uint8Array {
  const output = new Uint8Array(columns * rows);
  for (let y = 0; y < rows; y += 1) {
    const row = Math.min(height - 1, Math.floor((y * height) / rows)) * width;
    for (let x = 0; x < columns; x += 1) {
      output[y * columns + x] = data[row + Math.min(width - 1, Math.floor((x * width) / columns))]!;
    }
  }
  return output;
}

function stretch(picture: Uint8Array, low: number, high: number): Uint8Array {
  return picture.map((value) => (255 * (Math.min(high, Math.max(low, value)) - low)) / Math.max(1, high - low));
}

/** Gaussian, sigma 1, radius 1, edges reflected. */
function blur(input: Uint8Array, width: number, height: number): Uint8Array {
  const side = Math.exp(-0.5) / (1 + 2 * Math.exp(-0.5));
  const middle = 1 - 2 * side;
  const across = new Float32Array(input.length);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const i = y * width + x;
      across[i] = middle * input[i]! + side * (input[x > 0 ? i - 1 : i]! + input[x < width - 1 ? i + 1 : i]!);
    }
  }
  return input.map((_, i) => {
    const above = i >= width ? i - width : i;
    const below = i + width < input.length ? i + width : i;
    return middle * across[i]! + side * (across[above]! + across[below]!);
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
