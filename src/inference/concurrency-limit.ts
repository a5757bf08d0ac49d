/**
 * How many requests a target should have at once, found out from its latency. A queue at the server helps nobody: frames get old in it, where the
 * gateway could still have replaced them by newer ones. Too few requests leave the server idle.
 *
 * After TCP Vegas (Brakmo and Peterson 1995), as Netflix/concurrency-limits has it for requests (`VegasLimit`): with `base` the latency without
 * a queue, `n` requests at once of which each takes `latency` have `n * (1 - base / latency)` of them waiting. The limit goes up while less than one
 * waits and down while more do; it begins at one and doubles until the first queue is seen. Failures halve it. From time to time it goes down to one
 * to learn `base` anew, as in Envoy's gradient controller: servers change, and a base of the past makes a slower server look queued for ever.
 */

/** Requests waiting at the server: below, the limit goes up; above, down. */
const QUEUE = { low: 0.8, high: 1.5 };
/** Answers that are averaged before something is changed; at higher limits as many as the limit. */
const MIN_WINDOW = 4;
const BASE_LASTS_MS = 120_000;

export class ConcurrencyLimit {
  readonly #max: number;
  #value = 1;
  #isDoubling = true;
  #window = { sum: 0, count: 0, peak: 0, since: Number.NEGATIVE_INFINITY };
  #halvedAt = Number.NEGATIVE_INFINITY;
  #base: { readonly ms: number; readonly at: number } | undefined;
  /** The limit from before `base` is learnt anew. */
  #suspended: number | undefined;

  constructor(max: number) {
    this.#max = max;
  }

  get value(): number {
    return this.#value;
  }

  /** Latency without a queue, in ms; undefined before the first answers. */
  get baseMs(): number | undefined {
    return this.#base?.ms;
  }

  /** A request that was sent at `sentAt`, as one of `underWay` at once, was answered at `now`; monotonic ms. */
  answered(sentAt: number, now: number, underWay: number): void {
    // Sent under another limit, it tells nothing of this one.
    if (sentAt < this.#window.since) return;
    const window = this.#window;
    window.sum += now - sentAt;
    window.count += 1;
    window.peak = Math.max(window.peak, underWay);
    if (window.count < Math.max(MIN_WINDOW, this.#value)) return;
    this.#adjust(window.sum / window.count, window.peak, now);
    this.#restart(now);
  }

  /** A request that was sent at `sentAt` failed, or was not answered in time. */
  failed(sentAt: number, now: number): void {
    // Those that were sent together fail together: that is one failure.
    if (sentAt < this.#halvedAt) return;
    this.#halvedAt = now;
    this.#suspended = undefined;
    this.#isDoubling = false;
    this.#value = Math.max(1, Math.floor(this.#value / 2));
    this.#restart(now);
  }

  /** The target was away: what it can take is learnt from the beginning. */
  reset(now: number): void {
    this.#suspended = undefined;
    this.#isDoubling = true;
    this.#value = 1;
    this.#restart(now);
  }

  #adjust(latency: number, peak: number, now: number): void {
    if (peak <= 1) {
      this.#base = { ms: latency, at: now };
    } else if (!this.#base || latency < this.#base.ms) {
      this.#base = { ms: latency, at: this.#base?.at ?? now };
    }
    if (this.#suspended !== undefined) {
      this.#value = this.#suspended;
      this.#suspended = undefined;
      return;
    }
    if (now - this.#base.at > BASE_LASTS_MS) {
      this.#suspended = this.#value;
      this.#value = 1;
      return;
    }
    const waiting = peak * (1 - this.#base.ms / latency);
    if (waiting >= QUEUE.low) this.#isDoubling = false;
    // To where one would wait, but not to less than half: a short disturbance shall not cost minutes.
    if (waiting > QUEUE.high)
      this.#value = Math.max(1, Math.ceil(this.#value / 2), Math.min(this.#value - 1, Math.round(peak - waiting) + 1));
    // Only a limit that was reached was too low.
    else if (waiting < QUEUE.low && peak >= this.#value)
      this.#value = Math.min(this.#max, this.#isDoubling ? this.#value * 2 : this.#value + 1);
  }

  #restart(now: number): void {
    this.#window = { sum: 0, count: 0, peak: 0, since: now };
  }
}
