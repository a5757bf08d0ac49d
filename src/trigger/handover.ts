import type { TriggerReason } from './sampler.ts';

/** What waits for the model. */
export interface Offer {
  readonly reason: TriggerReason;
  /** `performance.now()` ms from which on an answer would be of no use. */
  readonly deadline: number;
}

/** Why something that was offered was not taken: newer ones took its place, its deadline passed, or the camera stopped. */
export type DropReason = 'superseded' | 'stale' | 'stopped';

/** The first frame of an event and the newest one: what a model that is behind needs, and no more. */
const CAPACITY = 2;

/**
 * The hand-over of one camera's triggered frames to inference. Newest wins, but the first frame of an opened gate is kept: it may be the
 * only one that shows what happened. So an interval frame gives way to whatever comes after it, and an opened one only when the gate
 * opened again and two newer frames wait.
 *
 * Each item offered is either taken once or given to `drop` once. Nothing waits longer than its deadline.
 */
export class Handover<T extends Offer> {
  readonly #drop: (item: T, reason: DropReason) => void;
  /** Oldest first. */
  #queue: T[] = [];
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  readonly #waiters = new Set<() => void>();

  constructor(drop: (item: T, reason: DropReason) => void) {
    this.#drop = drop;
  }

  /** How many wait. */
  get size(): number {
    return this.#queue.length;
  }

  offer(item: T): void {
    if (this.#closed) {
      this.#drop(item, 'stopped');
      return;
    }
    if (isStale(item)) {
      this.#drop(item, 'stale');
      return;
    }
    const superseded = this.#queue.filter(({ reason }) => reason === 'interval');
    this.#queue = [...this.#queue.filter(({ reason }) => reason === 'opened'), item];
    superseded.push(...this.#queue.splice(0, Math.max(0, this.#queue.length - CAPACITY)));
    this.#arm();
    for (const old of superseded) this.#drop(old, 'superseded');
    this.#wake();
  }

  /** Resolves when something waits, when closed, or when `signal` aborts. Whoever is second may find it taken again. */
  waiting(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (this.#queue.length > 0 || this.#closed || signal.aborted) {
        resolve();
        return;
      }
      const done = () => {
        this.#waiters.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#waiters.add(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  /** The oldest item that waits and is not past its deadline. */
  takeNow(): T | undefined {
    this.#dropStale();
    const item = this.#queue.shift();
    this.#arm();
    return item;
  }

  /** Waits for an item and takes it; undefined when closed or when `signal` aborts. */
  async take(signal: AbortSignal): Promise<T | undefined> {
    while (!signal.aborted && !this.#closed) {
      const item = this.takeNow();
      if (item) return item;
      await this.waiting(signal);
    }
    return undefined;
  }

  /** Drops what waits and whatever is offered from now on as `stopped`. */
  close(): void {
    this.#closed = true;
    const stopped = this.#queue;
    this.#queue = [];
    this.#arm();
    for (const item of stopped) this.#drop(item, 'stopped');
    this.#wake();
  }

  #wake(): void {
    for (const done of [...this.#waiters]) done();
  }

  #dropStale(): void {
    const stale = this.#queue.filter(isStale);
    if (stale.length === 0) return;
    this.#queue = this.#queue.filter((item) => !stale.includes(item));
    for (const item of stale) this.#drop(item, 'stale');
  }

  /** Sets the timer to the earliest deadline. */
  #arm(): void {
    clearTimeout(this.#timer);
    if (this.#queue.length === 0) return;
    const earliest = Math.min(...this.#queue.map(({ deadline }) => deadline));
    this.#timer = setTimeout(
      () => {
        this.#dropStale();
        this.#arm();
      },
      Math.max(1, Math.ceil(earliest - performance.now())),
    );
  }
}

function isStale(item: Offer): boolean {
  return performance.now() >= item.deadline;
}
