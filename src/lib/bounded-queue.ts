/** A queue with one reader that never grows beyond its bound: the oldest item gives way to the newest. */
export class BoundedQueue<T> {
  readonly #items: T[] = [];
  readonly #bound: number;
  #wake: (() => void) | undefined;
  #closed = false;

  constructor(bound: number) {
    this.#bound = bound;
  }

  get length(): number {
    return this.#items.length;
  }

  /** Adds an item; returns the one that had to go, if any. */
  push(item: T): T | undefined {
    if (this.#closed) return item;
    this.#items.push(item);
    this.#wake?.();
    return this.#items.length > this.#bound ? this.#items.shift() : undefined;
  }

  /** No more items come: the reader gets what is left and then ends. */
  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      while (this.#items.length > 0) yield this.#items.shift() as T;
      if (this.#closed) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }
}
