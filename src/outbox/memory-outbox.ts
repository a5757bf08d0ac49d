import type { OutboxEntry } from '../events/message.ts';
import type { OutboxConfig } from './config.ts';
import { type DiscardReason, entryBytes, type Outbox, type OutboxStats, type Pending } from './outbox.ts';

export interface MemoryOutboxOptions extends OutboxConfig {
  /** Called for each entry that is given up. */
  readonly onDiscard?: (entry: OutboxEntry, reason: DiscardReason) => void;
}

/** Bridges the time without a broker, not the time without power: what is pending is lost with the process. */
export class MemoryOutbox implements Outbox {
  readonly #options: MemoryOutboxOptions;
  /** By sequence, oldest first: a Map keeps the order of insertion. */
  readonly #pending = new Map<number, OutboxEntry>();
  readonly #waiting = new Set<() => void>();
  readonly #discarded: Record<DiscardReason, number> = { outbox_full: 0, too_large: 0, undeliverable: 0 };
  #pendingBytes = 0;
  #appended = 0;
  #acknowledged = 0;

  constructor(options: MemoryOutboxOptions) {
    this.#options = options;
  }

  async append(entries: readonly OutboxEntry[]): Promise<void> {
    for (const entry of entries) {
      this.#appended += 1;
      this.#pending.set(this.#appended, entry);
      this.#pendingBytes += entryBytes(entry);
      // Otherwise making room for it would take everything else, and then itself.
      if (entryBytes(entry) > this.#options.maxBytes) this.#discard(this.#appended, 'too_large');
      this.#makeRoom();
    }
    if (this.#pending.size > 0) for (const wake of this.#waiting) wake();
  }

  async next(max: number, signal: AbortSignal): Promise<readonly Pending[]> {
    while (this.#pending.size === 0 && !signal.aborted) await this.#appendedOr(signal);
    const batch: Pending[] = [];
    if (signal.aborted) return batch;
    for (const [sequence, entry] of this.#pending) {
      if (batch.length === max) break;
      batch.push({ sequence, entry });
    }
    return batch;
  }

  async acknowledge(sequence: number): Promise<void> {
    if (this.#remove(sequence)) this.#acknowledged += 1;
  }

  async discard(sequence: number, reason: DiscardReason): Promise<void> {
    this.#discard(sequence, reason);
  }

  stats(): OutboxStats {
    return {
      appended: this.#appended,
      acknowledged: this.#acknowledged,
      pending: this.#pending.size,
      pendingBytes: this.#pendingBytes,
      discarded: { ...this.#discarded },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Nothing to release; the statistics stay true to the end.
  }

  #makeRoom(): void {
    const { maxEntries, maxBytes } = this.#options;
    for (const sequence of this.#pending.keys()) {
      if (this.#pending.size <= maxEntries && this.#pendingBytes <= maxBytes) return;
      this.#discard(sequence, 'outbox_full');
    }
  }

  #discard(sequence: number, reason: DiscardReason): void {
    const entry = this.#remove(sequence);
    if (!entry) return;
    this.#discarded[reason] += 1;
    this.#options.onDiscard?.(entry, reason);
  }

  #remove(sequence: number): OutboxEntry | undefined {
    const entry = this.#pending.get(sequence);
    if (!entry) return undefined;
    this.#pending.delete(sequence);
    this.#pendingBytes -= entryBytes(entry);
    return entry;
  }

  #appendedOr(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }
}
