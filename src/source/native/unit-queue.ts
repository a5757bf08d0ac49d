import type { AccessUnit } from '../access-unit.ts';

/** Access units on their way from a socket, which pushes, to a reader, who pulls. Holds at most `maxBytes` and one access unit. */
export class UnitQueue {
  readonly #maxBytes: number;
  #units: AccessUnit[] = [];
  #bytes = 0;
  #wake: (() => void) | undefined;
  #end: { readonly error: unknown } | undefined;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get isFull(): boolean {
    return this.#bytes > this.#maxBytes;
  }

  push(unit: AccessUnit): void {
    this.#units.push(unit);
    this.#bytes += unit.data.length;
    this.#wake?.();
  }

  /** Nothing more comes. The reader gets what is left, then the error, if there is one. Only the first call counts. */
  end(error?: unknown): void {
    this.#end ??= { error };
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<AccessUnit, void, undefined> {
    for (;;) {
      const units = this.#units;
      this.#units = [];
      for (const unit of units) {
        this.#bytes -= unit.data.length;
        yield unit;
      }
      if (this.#units.length > 0) continue;
      if (this.#end?.error !== undefined) throw this.#end.error;
      if (this.#end) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }
}
