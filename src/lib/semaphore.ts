/**
 * A counting semaphore, first come first served. With one waiter per camera that order is round robin: each camera gets its turn before
 * any gets a second one.
 */
export class Semaphore {
  #limit: number;
  #held = 0;
  readonly #waiting: Array<() => void> = [];

  constructor(permits: number) {
    this.#limit = permits;
  }

  /** How many may be held at once. A lower one takes nothing from those who hold more. */
  get limit(): number {
    return this.#limit;
  }

  set limit(permits: number) {
    this.#limit = permits;
    this.#grant();
  }

  /** Resolves with a permit to dispose, or with undefined when `signal` aborts first. */
  async acquire(signal: AbortSignal): Promise<Disposable | undefined> {
    if (signal.aborted) return undefined;
    if (this.#held < this.#limit) {
      this.#held += 1;
      return this.#permit();
    }
    return new Promise((resolve) => {
      const granted = () => {
        signal.removeEventListener('abort', cancelled);
        resolve(this.#permit());
      };
      const cancelled = () => {
        this.#waiting.splice(this.#waiting.indexOf(granted), 1);
        resolve(undefined);
      };
      this.#waiting.push(granted);
      signal.addEventListener('abort', cancelled, { once: true });
    });
  }

  #grant(): void {
    while (this.#held < this.#limit) {
      const next = this.#waiting.shift();
      if (!next) return;
      this.#held += 1;
      next();
    }
  }

  #permit(): Disposable {
    let held = true;
    return {
      [Symbol.dispose]: () => {
        if (!held) return;
        held = false;
        this.#held -= 1;
        this.#grant();
      },
    };
  }
}
