/** One point per cell of this many pixels, where its structure is strongest. */
const CELL = 8;
/** A point needs this much gradient, in values per pixel, to tell a shift. */
const MIN_GRADIENT = 3 * 64;
/** Fewer points than this tell nothing. */
const MIN_POINTS = 12;
/** Points are chosen anew this often. */
const CHOOSE_MS = 2000;
const ITERATIONS = 4;
/** Points that differ by more have something else before them. */
const LIMIT = 60 * 64;
/** Shifts below are not worth the blur of shifting; larger ones are another scene. In pixels. */
const MIN_SHIFT = 0.12;
const MAX_SHIFT = 6;
/** The shift must take away this part of the difference. */
const MIN_GAIN = 0.3;

/** By how many pixels what the frame shows lies to the right of and below where the background has it. */
export interface Shift {
  readonly dx: number;
  readonly dy: number;
}

/**
 * Says by how much the camera has shaken: Lucas and Kanade's translation (IJCAI 1981) over the points with the most structure, robust
 * against what moves by itself. Undefined when nothing, or not the camera, moved.
 */
export type ShakeMeter = (
  frame: Uint16Array,
  background: Float32Array,
  skip: Uint8Array,
  at: number,
) => Shift | undefined;

export function createShakeMeter(width: number, height: number): ShakeMeter {
  const most = Math.ceil(width / CELL) * Math.ceil(height / CELL);
  const points = new Int32Array(most);
  let count = 0;
  let chosenAt = Number.NEGATIVE_INFINITY;

  const choose = (background: Float32Array) => {
    count = 0;
    for (let top = 2; top < height - 2; top += CELL) {
      for (let left = 2; left < width - 2; left += CELL) {
        let best = MIN_GRADIENT * 2;
        let point = -1;
        for (let y = top; y < Math.min(top + CELL, height - 2); y += 1) {
          for (let i = y * width + left; i < y * width + Math.min(left + CELL, width - 2); i += 1) {
            const gradient =
              Math.abs(background[i + 1]! - background[i - 1]!) +
              Math.abs(background[i + width]! - background[i - width]!);
            if (gradient <= best) continue;
            best = gradient;
            point = i;
          }
        }
        if (point >= 0) points[count++] = point;
      }
    }
  };

  /** One step of the estimate from a shift; also the mean difference there. */
  const step = (frame: Uint16Array, background: Float32Array, skip: Uint8Array, { dx, dy }: Shift) => {
    let [xx, xy, yy, xd, yd, sum, used, near] = [0, 0, 0, 0, 0, 0, 0, 0];
    for (let k = 0; k < count; k += 1) {
      const i = points[k]!;
      if (skip[i] === 1) continue;
      const y = (i / width) | 0;
      const value = dx === 0 && dy === 0 ? frame[i]! : between(frame, width, height, i - y * width + dx, y + dy);
      const difference = value - background[i]!;
      const distance = Math.abs(difference);
      sum += Math.min(distance, LIMIT);
      used += 1;
      if (distance > LIMIT) continue;
      near += 1;
      const gx = (background[i + 1]! - background[i - 1]!) / 2;
      const gy = (background[i + width]! - background[i - width]!) / 2;
      xx += gx * gx;
      xy += gx * gy;
      yy += gy * gy;
      xd += gx * difference;
      yd += gy * difference;
    }
    const determinant = xx * yy - xy * xy;
    if (near < MIN_POINTS || !(determinant > 1e-3 * xx * yy)) return undefined;
    return { dx: dx - (yy * xd - xy * yd) / determinant, dy: dy - (xx * yd - xy * xd) / determinant, mean: sum / used };
  };

  return (frame, background, skip, at) => {
    if (at - chosenAt >= CHOOSE_MS || at < chosenAt) {
      choose(background);
      chosenAt = at;
    }
    let shift: Shift = { dx: 0, dy: 0 };
    let first = 0;
    for (let round = 0; round < ITERATIONS; round += 1) {
      const next = step(frame, background, skip, shift);
      if (!next) return undefined;
      if (round === 0) {
        first = next.mean;
        if (Math.hypot(next.dx, next.dy) < MIN_SHIFT) return undefined;
      }
      const moved = Math.hypot(next.dx - shift.dx, next.dy - shift.dy);
      shift = { dx: next.dx, dy: next.dy };
      if (Math.hypot(shift.dx, shift.dy) > MAX_SHIFT) return undefined;
      if (moved < 0.05) break;
    }
    const last = step(frame, background, skip, shift);
    if (!last || last.mean > first * (1 - MIN_GAIN) || Math.hypot(shift.dx, shift.dy) < MIN_SHIFT) return undefined;
    return shift;
  };
}

/** Undoes a shift: writes to `output` what the frame would show without it, and the background where the frame shows nothing. */
export function unshift(
  frame: Uint16Array,
  background: Float32Array,
  width: number,
  height: number,
  { dx, dy }: Shift,
  output: Uint16Array,
): void {
  const wholeX = Math.floor(dx);
  const wholeY = Math.floor(dy);
  const fx = dx - wholeX;
  const fy = dy - wholeY;
  const first = Math.max(0, -wholeX);
  const last = Math.min(width, width - 1 - wholeX);
  for (let y = 0; y < height; y += 1) {
    const row = y * width;
    const sourceY = y + wholeY;
    const isInside = sourceY >= 0 && sourceY + 1 < height;
    const [from, to] = isInside ? [first, last] : [0, 0];
    for (let x = 0; x < from; x += 1) output[row + x] = background[row + x]!;
    let s = sourceY * width + from + wholeX;
    let left = isInside ? frame[s]! + fy * (frame[s + width]! - frame[s]!) : 0;
    for (let x = from; x < to; x += 1) {
      s += 1;
      const right = frame[s]! + fy * (frame[s + width]! - frame[s]!);
      output[row + x] = left + fx * (right - left);
      left = right;
    }
    for (let x = to; x < width; x += 1) output[row + x] = background[row + x]!;
  }
}

function between(frame: Uint16Array, width: number, height: number, x: number, y: number): number {
  const left = Math.min(width - 2, Math.max(0, Math.floor(x)));
  const top = Math.min(height - 2, Math.max(0, Math.floor(y)));
  const fx = Math.min(1, Math.max(0, x - left));
  const fy = Math.min(1, Math.max(0, y - top));
  const i = top * width + left;
  const upper = frame[i]! + fx * (frame[i + 1]! - frame[i]!);
  const lower = frame[i + width]! + fx * (frame[i + width + 1]! - frame[i + width]!);
  return upper + fy * (lower - upper);
}
