import { decode } from '../recorded.ts';
import type { Canvas } from './canvas.ts';
import { clipFile } from './place.ts';
import type { Paint } from './weather.ts';

/** Something that moved in a recorded clip, cut out of it: gray levels and opacity 0..1 of each frame, 10 a second. */
export interface CutOut {
  readonly width: number;
  readonly height: number;
  readonly frames: readonly { readonly gray: Float32Array; readonly alpha: Float32Array }[];
}

const FPS = 10;
/** Gray levels: what differs from the empty place by less is not part of it, what differs by more is. */
const [LOW, HIGH] = [14, 34];

/** Seconds `from` to `to` of a clip without what it shows at `empty`. Undefined when the clip is not here. */
export async function cutOut(
  clip: string,
  aspect: number,
  [from, to]: readonly [number, number],
  empty: number,
): Promise<CutOut | undefined> {
  const file = clipFile(clip);
  if (!file) return undefined;
  const frames = await decode(file, aspect, FPS);
  const place = frames[empty * FPS];
  if (!place) return undefined;
  const { width, height } = place;
  const cut = frames.slice(from * FPS, to * FPS).map(({ data }) => {
    const light = exposureOf(data, place.data);
    const gray = Float32Array.from(data, (level) => level / light);
    const matte = gray.map((level, i) =>
      Math.min(1, Math.max(0, (Math.abs(level - place.data[i]!) - LOW) / (HIGH - LOW))),
    );
    return { gray, alpha: closed(matte, width, height) };
  });
  return { width, height, frames: cut };
}

/** How much brighter the camera shows the same: the median ratio. */
function exposureOf(data: Uint8Array, place: Uint8Array): number {
  const ratios: number[] = [];
  for (let i = 0; i < data.length; i += 37) if (place[i]! > 16) ratios.push(data[i]! / place[i]!);
  return ratios.sort((a, b) => a - b)[ratios.length >> 1] ?? 1;
}

/** Fills holes and drops specks: the mean over 7x7, made steep. */
function closed(matte: Float32Array, width: number, height: number): Float32Array {
  const REACH = 3;
  return matte.map((own, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    let [sum, count] = [0, 0];
    for (let row = Math.max(0, y - REACH); row <= Math.min(height - 1, y + REACH); row += 1)
      for (let column = Math.max(0, x - REACH); column <= Math.min(width - 1, x + REACH); column += 1) {
        sum += matte[row * width + column]!;
        count += 1;
      }
    const around = sum / count;
    return around < 0.2 ? 0 : Math.min(1, Math.max(own, 2 * around - 0.4));
  });
}

/** Plays it from `start` on, with its frame scaled to `size` (1: as high as the picture) and its middle at a point (fractions). */
export function play(
  { width, height, frames }: CutOut,
  start: number,
  size: number,
  [x, y]: readonly [number, number],
  light = 1,
): Paint {
  return (canvas: Canvas, seconds: number) => {
    const frame = frames[Math.round((seconds - start) * FPS)];
    if (!frame || seconds < start) return;
    const scale = (size * canvas.height) / height;
    const left = x * canvas.width - (scale * width) / 2;
    const top = y * canvas.height - (scale * height) / 2;
    for (let row = Math.max(0, Math.ceil(top)); row < Math.min(canvas.height, top + scale * height); row += 1) {
      for (
        let column = Math.max(0, Math.ceil(left));
        column < Math.min(canvas.width, left + scale * width);
        column += 1
      ) {
        const source = Math.floor((row - top) / scale) * width + Math.floor((column - left) / scale);
        const alpha = frame.alpha[source]!;
        if (alpha === 0) continue;
        const i = row * canvas.width + column;
        canvas.pixels[i] = canvas.pixels[i]! * (1 - alpha) + frame.gray[source]! * alpha * light;
      }
    }
  };
}
