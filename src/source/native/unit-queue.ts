import type { AccessUnit } from '../access-unit.ts';

export interface UnitQueueBounds {
  readonly bytes: number;
  /** From the oldest to the newest access unit, in ms of the stream: what is older comes too late for whoever waits for it. */
  readonly ms: number;
}

/**
 * Access units on their way from a socket, which pushes, to a reader, who pulls. A reader that does not keep up loses whole GOPs, the oldest
 * first, so that it goes on with a keyframe and is never behind by more than the bounds.
 */
export class UnitQueue {
  readonly #bounds: UnitQueueBounds;
  #units: AccessUnit[] = [];
  #bytes = 0;
  /** The beginning of the GOP under way was given up. */
  #waitsForKey = false;
  #wake: (() => void) | undefined;
  #end: { readonly error: unknown } | undefined;

  constructor(bounds: UnitQueueBounds) {
    this.#bounds = bounds;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Returns how many access units were given up for it, itself included where it depends on one of them. */
  push(unit: AccessUnit): number {
    if (this.#waitsForKey && !unit.key) return 1;
    this.#waitsForKey = false;
    this.#units.push(unit);
    this.#bytes += unit.data.length;
    const lost = this.#isOver(unit) ? this.#dropToKey(unit) : 0;
    this.#wake?.();
    return lost;
  }

  /** Nothing more comes. The reader gets what is left, then the error, if there is one. Only the first call counts. */
  end(error?: unknown): void {
    this.#end ??= { error };
    this.#wake?.();
  }

  /** The oldest one, as soon as there is one; undefined at the end. One reader at a time. */
  async take(): Promise<AccessUnit | undefined> {
    for (;;) {
      const unit = this.#units.shift();
      if (unit) {
        this.#bytes -= unit.data.length;
        return unit;
      }
      if (this.#end?.error !== undefined) throw this.#end.error;
      if (this.#end) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #isOver(newest: AccessUnit): boolean {
    const oldest = this.#units[0] ?? newest;
    return this.#bytes > this.#bounds.bytes || newest.at - oldest.at > this.#bounds.ms;
  }

  /** Gives up all GOPs but the last; that one too where it does not fit by itself. */
  #dropToKey(newest: AccessUnit): number {
    const all = this.#units;
    const lastKey = all.findLastIndex(({ key }) => key);
    // At the front it may be the very one that is too long; elsewhere what comes before it goes.
    this.#keep(lastKey > 0 ? all.slice(lastKey) : []);
    if (this.#isOver(newest)) this.#keep([]);
    this.#waitsForKey = this.#units.length === 0;
    return all.length - this.#units.length;
  }

  #keep(units: AccessUnit[]): void {
    this.#units = units;
    this.#bytes = units.reduce((sum, { data }) => sum + data.length, 0);
  }
}
