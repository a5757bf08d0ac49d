/**
 * A counting semaphore, first come first served. With one waiter per camera that order is round robin: each camera gets its turn before
 * any gets a second one.
 */
export class Semaphore {
  #free: number;
  readonly #waiting: Array<() => void> = [];

  constructor(permits: number) {
    this.#free = permits;
  }

  /** Resolves with a permit to dispose, or with undefined when `signal` aborts first. */
  async acquire(signal: AbortSignal): Promise<Disposable | undefined> {
    if (signal.aborted) return undefined;
    if (this.#free > 0) {
      this.#free -= 1;
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

  #permit(): Disposable {
    let held = true;
    return {
      [Symbol.dispose]: () => {
        if (!held) return;
        held = false;
        const next = this.#waiting.shift();
        if (next) next();
        else this.#free += 1;
      },
    };
  }
}
