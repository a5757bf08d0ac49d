/** Rates are of the last whole window of this length. */
const WINDOW_MS = 5000;

/** How often something happened lately. Times are `performance.now()`. */
export class Rate {
  #startedAt = Number.NEGATIVE_INFINITY;
  #count = 0;
  #perSecond = 0;

  count(now: number): void {
    this.#turn(now);
    this.#count += 1;
  }

  perSecond(now: number): number {
    this.#turn(now);
    return Math.round(this.#perSecond * 10) / 10;
  }

  #turn(now: number): void {
    const age = now - this.#startedAt;
    if (age < WINDOW_MS) return;
    // After a window without anything the one before says nothing any more.
    this.#perSecond = age < 2 * WINDOW_MS ? this.#count / (age / 1000) : 0;
    this.#startedAt = now;
    this.#count = 0;
  }
}
