/** Latest GOPs that are remembered. */
const GOPS = 8;

/** How far keyframes are apart: the longest of the last GOPs, since smart encoders change their length at will. */
export class GopMeter {
  #keyAt: number | undefined;
  #spans: number[] = [];
  #ms: number | undefined;

  /** @param at of a keyframe, in ms. */
  push(at: number): void {
    if (this.#keyAt !== undefined) this.#spans = [...this.#spans.slice(1 - GOPS), at - this.#keyAt];
    this.#keyAt = at;
    this.#ms = this.#spans.length > 0 ? Math.max(...this.#spans) : undefined;
  }

  /** Undefined before the second keyframe. */
  get ms(): number | undefined {
    return this.#ms;
  }

  /** As `ms`, the GOP under way counted in. */
  longest(now: number): number | undefined {
    return this.#ms === undefined ? undefined : Math.max(this.#ms, now - (this.#keyAt ?? now));
  }
}
