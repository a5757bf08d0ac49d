import type { AccessUnit } from './access-unit.ts';

/** Keeps the compressed pictures of the current and the previous GOP, within a bound of bytes. */
export class GopRing {
  readonly #maxBytes: number;
  #previous: AccessUnit[] = [];
  #current: AccessUnit[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  push(unit: AccessUnit): void {
    if (unit.key) {
      this.#bytes -= size(this.#previous);
      this.#previous = this.#current;
      this.#current = [unit];
    } else if (this.#current.length > 0) {
      this.#current.push(unit);
    } else {
      return; // nothing can be decoded before the first keyframe
    }
    this.#bytes += unit.data.length;
    if (this.#bytes > this.#maxBytes && this.#previous.length > 0) {
      this.#bytes -= size(this.#previous);
      this.#previous = [];
    }
    if (this.#bytes > this.#maxBytes) {
      this.#current = [];
      this.#bytes = 0;
    }
  }

  /** What must be decoded for the picture at `at`: from its keyframe up to and including it. Empty when it is gone. */
  upTo(at: number): readonly AccessUnit[] {
    for (const gop of [this.#current, this.#previous]) {
      const end = gop.findLastIndex((unit) => unit.at <= at);
      if (end >= 0) return gop.slice(0, end + 1);
    }
    return [];
  }
}

const size = (units: readonly AccessUnit[]) => units.reduce((sum, unit) => sum + unit.data.length, 0);
