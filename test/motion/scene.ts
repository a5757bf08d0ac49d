import { type MotionConfig, motionConfig } from '../../src/motion/config.ts';
import { createMotionDetector } from '../../src/motion/detector.ts';
import type { Motion } from '../../src/motion/motion.ts';
import type { LumaFrame } from '../../src/source/frame.ts';

/** Numbers 0..1, the same sequence for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Scene {
  /** Gray level of a pixel at a time in seconds. */
  readonly paint: (x: number, y: number, seconds: number) => number;
  readonly seconds: number;
  readonly fps?: number;
  readonly width?: number;
  readonly height?: number;
  /** Half the width of uniform noise, in gray levels. */
  readonly noise?: number;
}

/** A dull yard with edges: what stands still in the scenes of these tests. */
export function yard(x: number, y: number): number {
  return 60 + x / 4 + (((x >> 4) + (y >> 4)) % 2) * 25;
}

/** A gray square `[left, top, side]` in front of the yard. */
export function square(level: number, at: (seconds: number) => readonly [number, number, number] | undefined) {
  return (x: number, y: number, seconds: number) => {
    const place = at(seconds);
    if (!place) return yard(x, y);
    const [left, top, side] = place;
    return x >= left && x < left + side && y >= top && y < top + side ? level : yard(x, y);
  };
}

export function* film(scene: Scene): Generator<LumaFrame> {
  const { paint, seconds, fps = 5, width = 320, height = 180, noise = 3 } = scene;
  const next = random(7);
  for (let index = 0; index < seconds * fps; index += 1) {
    const now = index / fps;
    const data = new Uint8Array(width * height);
    for (let i = 0; i < data.length; i += 1) {
      const level = paint(i % width, Math.floor(i / width), now) + (2 * next() - 1) * noise;
      data[i] = Math.min(255, Math.max(0, Math.round(level)));
    }
    yield { at: now * 1000, time: 0, width, height, data };
  }
}

export function config(overrides: Partial<MotionConfig> = {}): MotionConfig {
  return { ...motionConfig.parse({}), ...overrides };
}

/** Motion of a scene by frame, with its time in seconds. */
export function watch(scene: Scene, overrides: Partial<MotionConfig> = {}): (Motion & { readonly seconds: number })[] {
  const detect = createMotionDetector(config(overrides));
  return [...film(scene)].map((frame) => ({ ...detect(frame), seconds: frame.at / 1000 }));
}

/** The seconds at which something moved. */
export function movingAt(motions: readonly (Motion & { readonly seconds: number })[]): number[] {
  return motions.filter(({ state }) => state === 'moving').map(({ seconds }) => seconds);
}
