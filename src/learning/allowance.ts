const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** So many pictures in any hour and in any 24 hours; times are monotonic ms. It begins anew when the gateway does. */
export class Allowance {
  /** When they were taken, oldest first; never more than a day's. */
  #taken: number[] = [];

  take(now: number, { maxPerHour, maxPerDay }: { readonly maxPerHour: number; readonly maxPerDay: number }): boolean {
    this.#taken = this.#taken.filter((at) => now - at < DAY_MS);
    const inHour = this.#taken.filter((at) => now - at < HOUR_MS).length;
    if (inHour >= maxPerHour || this.#taken.length >= maxPerDay) return false;
    this.#taken.push(now);
    return true;
  }
}
