import type { LumaFrame } from '../../../src/source/frame.ts';
import type { Film, Interval } from '../film.ts';
import type { Canvas } from './canvas.ts';
import type { Place } from './place.ts';
import { gaussians } from './random.ts';

/** A scene: a place, what is painted over it, and how the camera sees it. */
export interface Scene {
  readonly name: string;
  readonly place: Place;
  readonly seconds: number;
  readonly motion: readonly Interval[];
  readonly ignore?: readonly Interval[];
  /** Default 5. */
  readonly fps?: number;
  /** Standard deviation of the sensor's noise in gray levels, default 2. */
  readonly noise?: number;
  /** Paints a moment over the empty place; `still` is the place. */
  readonly paint?: (canvas: Canvas, seconds: number, still: Float32Array) => void;
  /** What becomes of the finished picture: exposure, encoder, wire. Default: nothing. */
  readonly camera?: (pixels: Float32Array, seconds: number, canvas: Canvas) => void;
  /** Times of the frames instead of every 1 / fps. */
  readonly times?: readonly number[];
  /** What becomes of the frames after all, e.g. in an encoder. */
  readonly finish?: (frames: LumaFrame[]) => Promise<LumaFrame[]>;
}

const NOISE = gaussians(5, 1 << 19);

export function makeFilm(scene: Scene): Film {
  const { name, motion, ignore = [], finish } = scene;
  return {
    name,
    kind: 'made',
    truth: { motion, ignore },
    frames: () => (finish ? finish([...frames(scene)]) : frames(scene)),
  };
}

function* frames({ place, seconds, fps = 5, noise = 2, paint, camera, times }: Scene): Generator<LumaFrame> {
  const { width, height } = place;
  const moments = times ?? Array.from({ length: Math.round(seconds * fps) }, (_, index) => index / fps);
  for (const [index, now] of moments.entries()) {
    const still = place.look(Math.round(now * 5));
    const canvas = { width, height, pixels: Float32Array.from(still) };
    paint?.(canvas, now, still);
    camera?.(canvas.pixels, now, canvas);
    const data = new Uint8Array(width * height);
    const offset = (index * 104729) % (NOISE.length - 1);
    for (let i = 0; i < data.length; i += 1) {
      const level = canvas.pixels[i]! + noise * NOISE[(offset + i) % NOISE.length]!;
      data[i] = level < 0 ? 0 : level > 255 ? 255 : level + 0.5;
    }
    yield { at: now * 1000, time: 0, width, height, data };
  }
}
