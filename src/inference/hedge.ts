/**
 * Asking a second target when the first is slow, after Dean and Barroso, "The Tail at Scale" (2013): the first answer counts, the other
 * request is ended.
 */
import { LinkedAbort, sleep } from '../lib/abort.ts';

/** Hedges per frame, and how many may be saved up. */
const PER_FRAME = 0.05;
const MAX_SAVED = 2;

/** At most one frame in twenty is asked twice. */
export class HedgeBudget {
  #tokens = 1;

  frame(): void {
    this.#tokens = Math.min(MAX_SAVED, this.#tokens + PER_FRAME);
  }

  take(): boolean {
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

type Asking<T> = (signal: AbortSignal) => Promise<T>;

/**
 * What `first` comes to. When it has not settled after `afterMs`, `second` is begun too, if there is one: then whichever succeeds first, or
 * else the one that failed last.
 */
export async function hedged<T>(
  first: Asking<T>,
  second: () => Asking<T> | undefined,
  succeeded: (value: T) => boolean,
  afterMs: number,
  signal: AbortSignal,
): Promise<T> {
  using link = new LinkedAbort(signal);
  using otherLink = new LinkedAbort(signal);
  using patience = new LinkedAbort(signal);
  const primary = first(link.signal);
  const isDone = await Promise.race([primary.then(() => true), sleep(afterMs, patience.signal).then(() => false)]);
  patience.abort();
  if (isDone || signal.aborted) return primary;
  const other = second()?.(otherLink.signal);
  if (!other) return primary;
  const [winner, loser, losing] = await Promise.race([
    primary.then((value) => [value, other, otherLink] as const),
    other.then((value) => [value, primary, link] as const),
  ]);
  if (!succeeded(winner)) return loser;
  losing.abort();
  // Waited for, so that it is in the books before the verdict is.
  await loser;
  return winner;
}
