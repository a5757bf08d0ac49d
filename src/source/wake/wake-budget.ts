/** Wakes in vain that may come in a row, and the time in which one of them is forgiven. */
const BURST = 3;
const REFILL_MS = 3 * 60_000;

/** Bounds what wakes in vain may cost: a token bucket that only they empty. */
export class WakeBudget {
  #tokens = BURST;
  #at: number | undefined;

  /** Whether a wake that may be in vain can be afforded at `at`. */
  allows(at: number): boolean {
    this.#tokens = Math.min(BURST, this.#tokens + (at - (this.#at ?? at)) / REFILL_MS);
    this.#at = at;
    return this.#tokens >= 1;
  }

  wasInVain(): void {
    this.#tokens = Math.max(0, this.#tokens - 1);
  }
}
