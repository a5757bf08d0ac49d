import type { Rest } from '../wake/packet-activity.ts';

/** Without motion for this long an awake camera goes to sleep. Counted from when the decoder has caught up with the replay. */
const HOLD_MS = 3000;

/** What keeps a camera awake: motion lately, and orders from outside. */
export class Unrest {
  #movedAt = Number.NEGATIVE_INFINITY;
  #heldUntil = Number.NEGATIVE_INFINITY;

  /** Something moved at `at`. */
  moved(at: number): void {
    this.#movedAt = Math.max(this.#movedAt, at);
  }

  /** There is something to see until `until` at least, whatever moves. */
  hold(until: number): void {
    this.#heldUntil = Math.max(this.#heldUntil, until);
  }

  /** What is known of the scene at `at` without packets; `caughtUpAt` as below. */
  restAt(at: number, caughtUpAt: number | undefined): Rest {
    if (at - this.#movedAt <= HOLD_MS) return 'none';
    return caughtUpAt !== undefined && at - caughtUpAt > HOLD_MS ? 'sure' : 'likely';
  }

  /** Whether a camera whose decoder has shown everything since `caughtUpAt` may sleep; undefined: it is still behind. */
  isOver(at: number, caughtUpAt: number | undefined): boolean {
    return at >= this.#heldUntil && this.restAt(at, caughtUpAt) === 'sure';
  }
}
