import { blend } from './blend.ts';
import type { Patch } from './regions.ts';

/** Side of a block in pixels. */
const BLOCK = 8;
/** What came to nothing is remembered for this long (time constant). */
const MEMORY_MS = 100_000;
/** Weather comes and goes faster. */
const WEATHER_MS = 10_000;
/** Things this many times larger than what usually comes to nothing here are something else. */
const LARGER = 2.5;
const WEATHER = 2;
/** This much weather costs nothing. */
export const FAIR = 0.5;
/** More small things than this at a time are weather as well, also if each can be followed for a while. */
const FEW = 3;
const CROWD_MS = 3000;
/** Steps towards a quantile of areas: as many up as down, weighed, when one in ten is larger. */
const GROW = 1.25;
const SHRINK = 0.975;
/** What the weather is taken for at the start: small things must prove themselves. */
const UNKNOWN_WEATHER = 1;
const UNKNOWN_AREA = 16;

/**
 * Where and how large the things were that came to nothing: drops, flakes, insects, leaves, a clock. A place with much of that asks
 * for more evidence, unless what appears there is much larger.
 */
export interface Clutter {
  /** Lets time pass, and sees how much there is now. */
  decay(dt: number, patches: readonly Patch[]): void;
  /** Something at this place came to nothing. */
  add(patch: Patch, weight: number): void;
  /** How much things of this size usually come to nothing here: 0 never, 1 now and then, more often. */
  at(patch: Patch): number;
  /** How much things of this size come to nothing anywhere now, as in rain and snow: 0 never, 1 twice in a second, and so on. */
  weather(patch: Patch): number;
}

export function createClutter(width: number, height: number): Clutter {
  const columns = Math.ceil(width / BLOCK);
  const rows = Math.ceil(height / BLOCK);
  const weights = new Float32Array(columns * rows);
  const areas = new Float32Array(columns * rows);
  /** Things a second that came to nothing anywhere, and the area that one in ten of them exceeds. */
  let rate = UNKNOWN_WEATHER;
  let crowd = 0;
  let typical = UNKNOWN_AREA;

  const visit = ({ left, top, right, bottom }: Patch, each: (block: number) => void) => {
    for (let row = Math.floor(top / BLOCK); row <= Math.floor(bottom / BLOCK); row += 1) {
      for (let column = Math.floor(left / BLOCK); column <= Math.floor(right / BLOCK); column += 1)
        each(row * columns + column);
    }
  };

  return {
    decay(dt, patches) {
      const small = patches.filter((patch) => patch.area < LARGER * typical).length;
      crowd += blend(Math.max(0, dt), CROWD_MS) * (small - crowd);
      rate *= Math.exp(-Math.max(0, dt) / WEATHER_MS);
      const keep = Math.exp(-Math.max(0, dt) / MEMORY_MS);
      for (let block = 0; block < weights.length; block += 1) {
        weights[block] = weights[block]! * keep;
        areas[block] = areas[block]! * keep;
      }
    },
    add(patch, weight) {
      const local = weight / (1 + WEATHER * rate);
      rate += weight / (WEATHER_MS / 1000);
      typical *= patch.area > typical ? GROW : SHRINK;
      visit(patch, (block) => {
        weights[block] = weights[block]! + local;
        areas[block] = Math.max(areas[block]!, patch.area);
      });
    },
    at(patch) {
      let sum = 0;
      let blocks = 0;
      visit(patch, (block) => {
        const larger = patch.area / (LARGER * Math.max(1, areas[block]!));
        sum += weights[block]! * Math.min(1, Math.max(0, 2 - larger));
        blocks += 1;
      });
      return sum / Math.max(1, blocks);
    },
    weather(patch) {
      const larger = patch.area / (LARGER * Math.max(1, typical));
      return (WEATHER * rate + Math.max(0, crowd - FEW) / 2) * Math.min(1, Math.max(0, 2 - larger));
    },
  };
}
