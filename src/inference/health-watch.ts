import type { Breaker } from './breaker.ts';
import type { Failure } from './failure.ts';

/** Asks the health route of a target that rests when that is due, until it says yes: so the target comes back without a frame being lost on it. */
export class HealthWatch implements Disposable {
  readonly #ask: (signal: AbortSignal) => Promise<Failure | undefined>;
  readonly #onChange: () => void;
  readonly #closed = new AbortController();
  readonly #timers = new Map<Breaker, NodeJS.Timeout>();

  /** @param onChange called when a breaker may let frames through again. */
  constructor(ask: (signal: AbortSignal) => Promise<Failure | undefined>, onChange: () => void) {
    this.#ask = ask;
    this.#onChange = onChange;
  }

  /** Call it when the breaker may have opened. */
  watch(breaker: Breaker): void {
    const dueAt = breaker.healthDueAt;
    if (dueAt === undefined || this.#closed.signal.aborted || this.#timers.has(breaker)) return;
    const timer = setTimeout(() => void this.#look(breaker), Math.max(0, dueAt - performance.now()));
    timer.unref();
    this.#timers.set(breaker, timer);
  }

  [Symbol.dispose](): void {
    this.#closed.abort();
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  async #look(breaker: Breaker): Promise<void> {
    const failure = await this.#ask(this.#closed.signal);
    this.#timers.delete(breaker);
    if (this.#closed.signal.aborted) return;
    if (failure) breaker.unhealthy(performance.now());
    else breaker.healthy();
    this.watch(breaker);
    this.#onChange();
  }
}
