/** Calls `onExpiry` once when `feed` was not called for `timeoutMs`. Feeding is as cheap as reading the clock. */
export class Watchdog implements Disposable {
  #fedAt = performance.now();
  readonly #timer: NodeJS.Timeout;

  constructor(timeoutMs: number, onExpiry: () => void) {
    this.#timer = setInterval(
      () => {
        if (performance.now() - this.#fedAt < timeoutMs) return;
        clearInterval(this.#timer);
        onExpiry();
      },
      Math.min(1000, timeoutMs / 4),
    );
  }

  feed(): void {
    this.#fedAt = performance.now();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
