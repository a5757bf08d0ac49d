import { entryBytes, type Outbox, type Pending } from '../outbox/outbox.ts';
import type { MqttSession } from './connection.ts';

/** Enough to keep a connection busy over a slow line, few enough that little is sent twice after a loss. */
const WINDOW_ENTRIES = 32;
const WINDOW_BYTES = 256 * 1024;
/**
 * Brokers hang up on packets that are too large for them (some cloud brokers: 128 KiB), and one such snapshot would hold up all that
 * comes after it. After this many sessions in a row that ended over the same large entry, it is given up. Events are never that large.
 */
const MAX_LOST_SESSIONS = 5;
const LARGE_BYTES = 64 * 1024;

/**
 * Carries the outbox to the broker: in order, a window at a time, each entry acknowledged once the broker has it. After a lost session the
 * same entries are sent again, so the broker may get some twice, but none out of order and none never.
 */
export class OutboxPump {
  readonly #outbox: Outbox;
  /** The entry at which sessions ended, and how many in a row. */
  #stuck: { readonly sequence: number; readonly sessions: number } | undefined;
  #published = 0;

  constructor(outbox: Outbox) {
    this.#outbox = outbox;
  }

  /** Entries that the broker acknowledged. */
  get published(): number {
    return this.#published;
  }

  /** Until `signal` aborts; what is under way then is completed. Rejects when the session ends. */
  async run(session: MqttSession, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) await this.#deliver(session, await this.#next(signal));
  }

  /** Until nothing is pending. Rejects when the session ends. */
  async drain(session: MqttSession): Promise<void> {
    const never = new AbortController().signal;
    while (this.#outbox.stats().pending > 0) await this.#deliver(session, await this.#next(never));
  }

  /** One window: after a loss a single entry, to see whether it is the cause. */
  async #next(signal: AbortSignal): Promise<readonly Pending[]> {
    const entries = await this.#outbox.next(this.#stuck ? 1 : WINDOW_ENTRIES, signal);
    let bytes = 0;
    const end = entries.findIndex(({ entry }) => {
      bytes += entryBytes(entry);
      return bytes > WINDOW_BYTES;
    });
    return end < 0 ? entries : entries.slice(0, Math.max(1, end));
  }

  async #deliver(session: MqttSession, window: readonly Pending[]): Promise<void> {
    const first = window[0];
    if (first && this.#isHopeless(first)) {
      await this.#outbox.discard(first.sequence, 'undeliverable');
      this.#stuck = undefined;
      return;
    }
    const results = await Promise.allSettled(window.map((pending) => this.#publish(session, pending)));
    for (const [index, result] of results.entries()) {
      if (result.status === 'fulfilled') continue;
      const sequence = window[index]?.sequence ?? 0;
      this.#stuck = { sequence, sessions: this.#stuck?.sequence === sequence ? this.#stuck.sessions + 1 : 1 };
      throw result.reason;
    }
    this.#stuck = undefined;
  }

  async #publish(session: MqttSession, { sequence, entry }: Pending): Promise<void> {
    await session.publish(entry);
    await this.#outbox.acknowledge(sequence);
    this.#published += 1;
  }

  #isHopeless({ sequence, entry }: Pending): boolean {
    const { sequence: stuckAt, sessions = 0 } = this.#stuck ?? {};
    return sequence === stuckAt && sessions >= MAX_LOST_SESSIONS && entryBytes(entry) > LARGE_BYTES;
  }
}
