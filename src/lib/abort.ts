/**
 * Cancelling. Every long wait takes an AbortSignal; these are the pieces around it.
 */

/** Resolves after `ms`, or at once when `signal` aborts: callers look at the signal, nothing is thrown. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve();
      return;
    }
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}

/** Resolves when `signal` aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/**
 * A controller that follows a parent signal and, optionally, a deadline. Dispose it when the work is done.
 * Not `AbortSignal.any`: that keeps every child alive as long as the parent (nodejs/node#54614), about 25 MB a day at five requests a second.
 */
export class LinkedAbort implements Disposable {
  readonly #controller = new AbortController();
  readonly #parent: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #follow = () => this.#controller.abort(this.#parent?.reason);
  #timedOut = false;

  constructor(parent?: AbortSignal, timeoutMs?: number) {
    this.#parent = parent;
    if (parent?.aborted) this.#follow();
    else parent?.addEventListener('abort', this.#follow, { once: true });
    const end = () => {
      this.#timedOut = !this.signal.aborted;
      this.abort();
    };
    // At once, not after a turn of the event loop in which something would be begun for nothing.
    if (timeoutMs !== undefined && timeoutMs <= 0) end();
    else if (timeoutMs !== undefined) this.#timer = setTimeout(end, timeoutMs);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** True if the deadline, not the parent, aborted it. */
  get timedOut(): boolean {
    return this.#timedOut;
  }

  abort(reason?: unknown): void {
    this.#controller.abort(reason);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#parent?.removeEventListener('abort', this.#follow);
  }
}
