import type { LumaFrame } from '../../../src/source/frame.ts';
import { random } from '../../motion/scene.ts';

/** Now and then a frame arrives damaged: gray from some row on, or rows smeared, as decoders conceal what is missing. */
export function corrupt(seed: number, share: number): (frames: LumaFrame[]) => Promise<LumaFrame[]> {
  const next = random(seed);
  return async (frames) =>
    frames.map((frame) => {
      if (next() > share) return frame;
      const data = Uint8Array.from(frame.data);
      const row = Math.floor((0.2 + 0.6 * next()) * frame.height);
      if (next() < 0.5) data.fill(128, row * frame.width);
      else
        for (let y = row; y < frame.height; y += 1)
          data.copyWithin(y * frame.width, row * frame.width, (row + 1) * frame.width);
      return { ...frame, data };
    });
}

/** Frames are lost: single ones, and now and then all of some seconds. */
export function lossy(seed: number): (frames: LumaFrame[]) => Promise<LumaFrame[]> {
  const next = random(seed);
  let lostUntil = 0;
  return async (frames) =>
    frames.filter(({ at }) => {
      if (at < lostUntil) return false;
      if (next() < 0.01) lostUntil = at + 1000 + 2000 * next();
      return next() > 0.15;
    });
}

/** Frame times of an adaptive decoder: keyframes only, and everything from the last keyframe on when something is there. */
export function keyframesThenAll(
  seconds: number,
  every: number,
  fps: number,
  awake: readonly (readonly [number, number])[],
): number[] {
  const times: number[] = [];
  for (let index = 0; index < seconds * fps; index += 1) {
    const now = index / fps;
    const isKeyframe = index % Math.round(every * fps) === 0;
    const isAwake = awake.some(([start, end]) => now >= Math.floor(start / every) * every && now < end + 3);
    if (isKeyframe || isAwake) times.push(now);
  }
  return times;
}
