/**
 * The last value of each retained state topic. State is not queued while the broker is away: only its latest value matters, and all of it
 * is sent again at the start of every session, so that a broker that lost its memory knows everything.
 */
import type { Message } from '../events/message.ts';

export class StateStore {
  /** By topic; undefined where the broker is to forget the topic and has not confirmed it yet. */
  readonly #values = new Map<string, string | Buffer | undefined>();
  readonly #changed = new Set<string>();
  #wake: (() => void) | undefined;

  /** Sets the value of `topic`; the same value again is no change. */
  set(topic: string, payload: string | Buffer): void {
    const known = this.#values.get(topic);
    if (known !== undefined && Buffer.from(known).equals(Buffer.from(payload))) return;
    this.#values.set(topic, payload);
    this.#touch(topic);
  }

  /** Lets the broker forget what it retains of `topic`, whoever sent it, e.g. of a camera that was removed. */
  delete(topic: string): void {
    this.#values.set(topic, undefined);
    this.#touch(topic);
  }

  /** Makes every topic count as changed, for a new session. */
  resend(): void {
    for (const topic of this.#values.keys()) this.#touch(topic);
  }

  /** Takes the topics that changed since the last call, with their latest values; waits for one, or until `signal` aborts. */
  async changes(signal: AbortSignal): Promise<readonly Message[]> {
    if (this.#changed.size === 0 && !signal.aborted) await this.#changeOr(signal);
    return signal.aborted ? [] : this.takeChanges();
  }

  /** Takes the changed topics without waiting. */
  takeChanges(): readonly Message[] {
    const topics = [...this.#changed];
    this.#changed.clear();
    // An empty retained payload removes the topic (MQTT 3.1.1, 3.3.1.3).
    return topics.map((topic) => ({ topic, payload: this.#values.get(topic) ?? '', retain: true, qos: 1 }));
  }

  /** The broker has it; what was to be forgotten now is. */
  acknowledge({ topic }: Message): void {
    if (this.#values.get(topic) === undefined && !this.#changed.has(topic)) this.#values.delete(topic);
  }

  #touch(topic: string): void {
    this.#changed.add(topic);
    this.#wake?.();
  }

  #changeOr(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        signal.removeEventListener('abort', wake);
        this.#wake = undefined;
        resolve();
      };
      this.#wake = wake;
      signal.addEventListener('abort', wake, { once: true });
    });
  }
}
