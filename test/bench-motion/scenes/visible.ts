import type { Interval, Truth } from '../../../src/backtest/truth.ts';
import type { Place } from './place.ts';
import type { Paint } from './weather.ts';

/** Moments a second at which is looked. */
const RATE = 10;
/** A pixel shows it from this many gray levels on. */
const VISIBLE = 12;
/** It counts when this part of the picture shows it, and moves when half of that has changed within `STRIDE`. */
const PART = 0.0008;
/** What is smaller may be found or not. */
const TRACE = 0.0002;
const STRIDE = 4;
/** Pauses that are shorter are none. */
const PAUSE = 1;

/** The truth about an actor that is painted over a place: when it is to be seen and moves; while it rests, or is tiny, is not scored. */
export function truthOf(place: Place, actor: Paint | undefined, seconds: number): Truth {
  if (!actor) return { motion: [], ignore: [] };
  const still = place.look(0);
  const { width, height } = place;
  const pictures: Float32Array[] = [];
  const [there, large, moves]: [boolean[], boolean[], boolean[]] = [[], [], []];
  for (let index = 0; index <= seconds * RATE; index += 1) {
    const pixels = Float32Array.from(still);
    actor({ width, height, pixels }, index / RATE);
    pictures.push(pixels);
    const part = differing(pixels, still);
    there.push(part >= TRACE);
    large.push(part >= PART);
    moves.push(differing(pixels, pictures[Math.max(0, index - STRIDE)]!) >= PART / 2);
    if (index >= STRIDE) pictures[index - STRIDE] = still;
  }
  const motion = intervals(moves.map((value, index) => value && large[index]!));
  const rests = there.map((value, index) => value && !motion.some(([a, b]) => index / RATE >= a && index / RATE <= b));
  return { motion, ignore: intervals(rests).map(([start, end]): Interval => [start, end + STRIDE / RATE]) };
}

function differing(a: Float32Array, b: Float32Array): number {
  let count = 0;
  for (let i = 0; i < a.length; i += 1) if (Math.abs(a[i]! - b[i]!) > VISIBLE) count += 1;
  return count / a.length;
}

function intervals(flags: readonly boolean[]): Interval[] {
  const found: [number, number][] = [];
  for (const [index, flag] of flags.entries()) {
    if (!flag) continue;
    const last = found.at(-1);
    const now = index / RATE;
    if (last && now - last[1] <= PAUSE) last[1] = now;
    else found.push([now, now]);
  }
  return found.filter(([start, end]) => end > start);
}
