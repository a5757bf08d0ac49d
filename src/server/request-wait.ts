import { LinkedAbort } from '../lib/abort.ts';
import type { DropReason } from './metrics.ts';

/** Cameras move on: an answer that comes later than this helps nobody. */
const LONGEST_WAIT_MS = 10_000;

/** How long a request may wait for its turn: until its client goes away, its deadline passes, or nobody can want it any more. */
export class RequestWait implements Disposable {
  readonly #link: LinkedAbort;
  readonly #hasDeadline: boolean;

  /** `deadlineMs`: what the client still has, if it says so. */
  constructor(client: AbortSignal, deadlineMs?: number) {
    this.#hasDeadline = deadlineMs !== undefined && deadlineMs < LONGEST_WAIT_MS;
    this.#link = new LinkedAbort(client, Math.min(LONGEST_WAIT_MS, deadlineMs ?? LONGEST_WAIT_MS));
  }

  get signal(): AbortSignal {
    return this.#link.signal;
  }

  /** Why it is over. */
  get reason(): DropReason {
    if (!this.#link.timedOut) return 'client_gone';
    return this.#hasDeadline ? 'deadline' : 'waited_too_long';
  }

  [Symbol.dispose](): void {
    this.#link[Symbol.dispose]();
  }
}
