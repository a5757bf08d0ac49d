/** First come, first served; several takers; a full queue refuses the newcomer, because those who wait are closer to their answer. */
export class JobQueue<T> {
  readonly #bound: number;
  readonly #waiting: T[] = [];
  readonly #takers: Array<(item: T) => void> = [];

  constructor(bound: number) {
    this.#bound = bound;
  }

  get length(): number {
    return this.#waiting.length;
  }

  /** False when the queue is full. */
  push(item: T): boolean {
    const taker = this.#takers.shift();
    if (taker) {
      taker(item);
      return true;
    }
    if (this.#waiting.length >= this.#bound) return false;
    this.#waiting.push(item);
    return true;
  }

  /** False when the item does not wait any more. */
  remove(item: T): boolean {
    const index = this.#waiting.indexOf(item);
    if (index >= 0) this.#waiting.splice(index, 1);
    return index >= 0;
  }

  /** Resolves with the next item, or with undefined when `signal` aborts first. */
  take(signal: AbortSignal): Promise<T | undefined> {
    if (signal.aborted) return Promise.resolve(undefined);
    const [item] = this.#waiting.splice(0, 1);
    if (item !== undefined) return Promise.resolve(item);
    return new Promise((resolve) => {
      const taker = (next: T) => {
        signal.removeEventListener('abort', cancelled);
        resolve(next);
      };
      const cancelled = () => {
        this.#takers.splice(this.#takers.indexOf(taker), 1);
        resolve(undefined);
      };
      this.#takers.push(taker);
      signal.addEventListener('abort', cancelled, { once: true });
    });
  }

  /** Empties the queue and returns what was in it. */
  clear(): T[] {
    return this.#waiting.splice(0);
  }
}
