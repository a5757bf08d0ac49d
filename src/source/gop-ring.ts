import type { AccessUnit } from './access-unit.ts';

export interface RingBounds {
  readonly bytes: number;
  /** Whole GOPs kept besides the one under way, and time kept where GOPs are short, in ms. */
  readonly gops: number;
  readonly ms: number;
}

/** Of one camera: two GOPs of 10 s at 9 Mbit/s; the number covers every fifth keyframe. */
export const CAMERA_RING: RingBounds = { bytes: 24 * 1024 * 1024, gops: 6, ms: 8000 };

/** Keeps the latest compressed pictures, GOP by GOP, within bounds. */
export class GopRing {
  readonly #bounds: RingBounds;
  readonly #reuse: (memory: ArrayBufferLike) => void;
  /** How many access units of the ring lie in each piece of memory. */
  readonly #users = new Map<ArrayBufferLike, number>();
  /** How often each piece of memory is lent out. What never comes back is left to the garbage collector. */
  readonly #loans = new WeakMap<ArrayBufferLike, number>();
  /** Oldest first; each begins with a keyframe. */
  #gops: AccessUnit[][] = [];
  #bytes = 0;

  /** @param reuse told of memory that nobody looks at any more, once the ring has dropped all that lay in it. */
  constructor(bounds: RingBounds, reuse: (memory: ArrayBufferLike) => void = () => undefined) {
    this.#bounds = bounds;
    this.#reuse = reuse;
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
    this.#users.set(unit.data.buffer, (this.#users.get(unit.data.buffer) ?? 0) + 1);
    while (this.#isOver(unit.at)) {
      const dropped = this.#gops.shift() ?? [];
      for (const { data } of dropped) this.#drop(data);
    }
  }

  #drop({ buffer, length }: Buffer): void {
    this.#bytes -= length;
    const users = (this.#users.get(buffer) ?? 1) - 1;
    if (users > 0) {
      this.#users.set(buffer, users);
      return;
    }
    this.#users.delete(buffer);
    this.#reuseIfFree(buffer);
  }

  #reuseIfFree(memory: ArrayBufferLike): void {
    if (!this.#users.has(memory) && !this.#loans.has(memory)) this.#reuse(memory);
  }

  /** The bytes of `unit` will be looked at later, maybe after the ring has dropped it. Whoever knows when that is over calls what it returns, once. */
  lend({ data: { buffer } }: AccessUnit): () => void {
    this.#loans.set(buffer, (this.#loans.get(buffer) ?? 0) + 1);
    return () => {
      const loans = (this.#loans.get(buffer) ?? 1) - 1;
      if (loans > 0) this.#loans.set(buffer, loans);
      else this.#loans.delete(buffer);
      this.#reuseIfFree(buffer);
    };
  }

  #lendAll(units: readonly AccessUnit[]): readonly AccessUnit[] {
    for (const unit of units) this.lend(unit);
    return units;
  }

  #isOver(now: number): boolean {
    const { bytes, gops, ms } = this.#bounds;
    if (this.#bytes > bytes) return true;
    return this.#gops.length > gops + 1 && now - (this.#gops[1]?.[0]?.at ?? now) > ms;
  }

  /** Drops what is older than the GOP before the one of `at`: nobody will ask for it. */
  dropBefore(at: number): void {
    const current = this.#gops.findLastIndex(([first]) => first !== undefined && first.at <= at);
    for (const gop of this.#gops.splice(0, Math.max(0, current - 1))) for (const { data } of gop) this.#drop(data);
  }

  /** What must be decoded for the picture at `at`: from its keyframe up to and including it. Empty when it is gone. */
  upTo(at: number): readonly AccessUnit[] {
    for (const gop of this.#gops.toReversed()) {
      const end = gop.findLastIndex((unit) => unit.at <= at);
      if (end >= 0) return this.#lendAll(gop.slice(0, end + 1));
    }
    return [];
  }

  /** Everything from the last keyframe at or before `at` on; all there is when it is gone. */
  since(at: number): readonly AccessUnit[] {
    const start = this.#gops.findLastIndex(([first]) => first !== undefined && first.at <= at);
    return this.#lendAll(this.#gops.slice(Math.max(0, start)).flat());
  }
}
