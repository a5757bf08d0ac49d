import { LinkedAbort, sleep } from '../lib/abort.ts';
import type { OutsideCause } from './cause.ts';
import type { TriggerReason } from './sampler.ts';

/** A frame that is due because of something outside. */
export interface Due {
  readonly cause: OutsideCause;
  /** As of the sampler: the first one of an opening, or the next after `interval`. */
  readonly reason: TriggerReason;
}

export interface OutsideGateConfig {
  /** From frame to frame while it is open, in ms. */
  readonly interval: number;
  /** One frame this often although it is closed, in ms; undefined: never. */
  readonly every?: number | undefined;
}

/** Checks of the clock while nothing is due. */
const LONGEST_WAIT_MS = 3_600_000;

/**
 * What opens the gate from outside. It goes by the clock, not by frames, so that it works for a camera that is not decoded: its frames are
 * taken from what is kept of the stream. All times are `performance.now()`.
 */
export class OutsideGate {
  readonly #config: OutsideGateConfig;
  readonly #now: () => number;
  /** Ends of the openings, by cause. */
  readonly #until = new Map<OutsideCause, number>();
  /** First frames that nobody fetched yet. */
  readonly #first: OutsideCause[] = [];
  #dueAt = Number.POSITIVE_INFINITY;
  #everyAt: number;
  #wake: () => void = () => undefined;

  constructor(config: OutsideGateConfig, now: () => number = () => performance.now()) {
    this.#config = config;
    this.#now = now;
    this.#everyAt = now() + (config.every ?? Number.POSITIVE_INFINITY);
  }

  /** What holds it open, the latest first. */
  get openedBy(): readonly OutsideCause[] {
    const now = this.#now();
    return [...this.#until].flatMap(([cause, until]) => (until > now ? [cause] : [])).reverse();
  }

  /** Opens it until `until` at least. A cause that opens it again while it is open extends the opening, with no first frame of its own. */
  open(cause: OutsideCause, until: number): void {
    const now = this.#now();
    const isNew = (this.#until.get(cause) ?? 0) <= now;
    const end = isNew ? until : Math.max(until, this.#until.get(cause) ?? 0);
    this.#until.delete(cause);
    this.#until.set(cause, end);
    if (isNew && !this.#first.includes(cause)) this.#first.push(cause);
    if (this.#dueAt === Number.POSITIVE_INFINITY) this.#dueAt = now + this.#config.interval;
    this.#wake();
  }

  /** Takes an opening back; its first frame is still due. */
  close(cause: OutsideCause): void {
    if (this.#until.delete(cause)) this.#wake();
  }

  /** Takes what is due now. */
  take(): Due | undefined {
    const now = this.#now();
    const first = this.#first.shift();
    if (first) {
      // The next one is an interval after this.
      this.#dueAt = now + this.#config.interval;
      return { cause: first, reason: 'opened' };
    }
    const cause = this.openedBy[0];
    if (cause === undefined) this.#dueAt = Number.POSITIVE_INFINITY;
    if (cause !== undefined && now >= this.#dueAt) {
      this.#dueAt += Math.ceil((now + 1 - this.#dueAt) / this.#config.interval) * this.#config.interval;
      return { cause, reason: 'interval' };
    }
    if (now < this.#everyAt) return undefined;
    const every = this.#config.every ?? Number.POSITIVE_INFINITY;
    this.#everyAt += Math.ceil((now + 1 - this.#everyAt) / every) * every;
    return { cause: 'interval', reason: 'opened' };
  }

  /** Resolves when something may be due, or when `signal` aborts. */
  async waiting(signal: AbortSignal): Promise<void> {
    if (this.#first.length > 0) return;
    const dueAt = this.#until.size > 0 ? this.#dueAt : Number.POSITIVE_INFINITY;
    const ms = Math.min(dueAt, this.#everyAt) - this.#now();
    using woken = new LinkedAbort(signal);
    this.#wake = () => woken.abort();
    // Timers may fire a little early.
    await sleep(Math.min(LONGEST_WAIT_MS, Math.max(1, Math.ceil(ms) + 1)), woken.signal);
    this.#wake = () => undefined;
  }
}
