import type { AccessUnit } from './access-unit.ts';

export interface RingBounds {
  readonly bytes: number;
  /** Whole GOPs kept besides the one under way, and time kept where GOPs are short, in ms. */
  readonly gops: number;
  readonly ms: number;
}

/** Keeps the latest compressed pictures, GOP by GOP, within bounds. */
export class GopRing {
  readonly #bounds: RingBounds;
  /** Oldest first; each begins with a keyframe. */
  #gops: AccessUnit[][] = [];
  #bytes = 0;

  constructor(bounds: RingBounds) {
    this.#bounds = bounds;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get newest(): AccessUnit | undefined {
    return this.#gops.at(-1)?.at(-1);
  }

  push(unit: AccessUnit): void {
    if (unit.key) this.#gops.push([unit]);
    else if (this.#gops.length > 0) this.#gops.at(-1)?.push(unit);
    else return; // nothing can be decoded before the first keyframe
    this.#bytes += unit.data.length;
    while (this.#isOver(unit.at)) {
      const dropped = this.#gops.shift() ?? [];
      this.#bytes -= dropped.reduce((sum, { data }) => sum + data.length, 0);
    }
  }

  #isOver(now: number): boolean {
    const { bytes, gops, ms } = this.#bounds;
    if (this.#bytes > bytes) return true;
    return this.#gops.length > gops + 1 && now - (this.#gops[1]?.[0]?.at ?? now) > ms;
  }

  /** What must be decoded for the picture at `at`: from its keyframe up to and including it. Empty when it is gone. */
  upTo(at: number): readonly AccessUnit[] {
    for (const gop of this.#gops.toReversed()) {
      const end = gop.findLastIndex((unit) => unit.at <= at);
      if (end >= 0) return gop.slice(0, end + 1);
    }
    return [];
  }

  /** Everything from the last keyframe at or before `at` on; all there is when it is gone. */
  since(at: number): readonly AccessUnit[] {
    const start = this.#gops.findLastIndex(([first]) => first !== undefined && first.at <= at);
    return this.#gops.slice(Math.max(0, start)).flat();
  }

  /** The last `count` GOPs, the one under way included. */
  last(count: number): readonly AccessUnit[] {
    return this.#gops.slice(-count).flat();
  }
}
