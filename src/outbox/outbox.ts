/**
 * The queue of messages that must arrive. `appended = acknowledged + pending + discarded` holds at any moment.
 */
import type { OutboxEntry } from '../events/message.ts';

/**
 * Why an entry left the outbox without being delivered: it was the oldest and had to make room, it is larger than the whole outbox may be,
 * or the broker hangs up whenever it gets it.
 */
export type DiscardReason = 'outbox_full' | 'too_large' | 'undeliverable';

/** An entry that waits, with its place in the queue: later entries have greater sequences. */
export interface Pending {
  readonly sequence: number;
  readonly entry: OutboxEntry;
}

export interface OutboxStats {
  readonly appended: number;
  readonly acknowledged: number;
  readonly pending: number;
  /** Bytes of the topics and payloads of the pending entries. */
  readonly pendingBytes: number;
  readonly discarded: Readonly<Record<DiscardReason, number>>;
}

export interface Outbox extends AsyncDisposable {
  /**
   * Adds entries at the end, all or none. Resolves when they would survive a power cut, as far as this implementation survives one.
   * Makes room by discarding the oldest; never waits for the broker.
   */
  append(entries: readonly OutboxEntry[]): Promise<void>;

  /**
   * The oldest pending entries, up to `max`, in order. Resolves as soon as there is one, or with none when `signal` aborts. Entries stay
   * pending until they are acknowledged or discarded, so the next call yields them again. One reader at a time.
   */
  next(max: number, signal: AbortSignal): Promise<readonly Pending[]>;

  /** The broker has it. A sequence that is not pending any more is ignored. */
  acknowledge(sequence: number): Promise<void>;

  /** Gives it up. A sequence that is not pending any more is ignored. */
  discard(sequence: number, reason: DiscardReason): Promise<void>;

  stats(): OutboxStats;
}

/** What an entry counts against the bound on bytes. */
export function entryBytes({ topic, payload }: OutboxEntry): number {
  return Buffer.byteLength(topic) + Buffer.byteLength(payload);
}
