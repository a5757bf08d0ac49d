import { aborted, LinkedAbort } from '../lib/abort.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Arrival, MqttSession } from './connection.ts';

/** What we listen to are words and small JSON. */
const MAX_PAYLOAD_BYTES = 64 * 1024;

/**
 * Some brokers hang up on who asks for a topic that it may not have. After so many sessions in a row that ended over a topic it is not asked for any
 * more: to publish is worth more than to listen.
 */
const MAX_LOST_SESSIONS = 3;

interface Listener {
  readonly filter: string;
  readonly listen: (arrival: Arrival) => void;
}

/** What others publish and somebody here listens to, over all sessions. */
export class Inbox {
  readonly #listeners = new Set<Listener>();
  readonly #logger: Logger;
  /** Sessions in a row that ended while a filter was asked for. */
  readonly #lost = new Map<string, number>();
  #wake: () => void = () => undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Calls `listen` for each message that matches `filter`, until the result is disposed. */
  on(filter: string, listen: Listener['listen']): Disposable {
    const listener = { filter, listen };
    this.#listeners.add(listener);
    this.#wake();
    return {
      [Symbol.dispose]: () => {
        this.#listeners.delete(listener);
        this.#wake();
      },
    };
  }

  /** Subscribes to what is listened to, now and as it changes, until `signal` aborts. Rejects when the session ends. */
  async run(session: MqttSession, signal: AbortSignal): Promise<void> {
    const subscribed = new Set<string>();
    session.onArrival((arrival) => this.#deliver(arrival));
    while (!signal.aborted) {
      using changed = new LinkedAbort(signal);
      this.#wake = () => changed.abort();
      const wanted = new Set([...this.#listeners].map(({ filter }) => filter));
      for (const filter of wanted) {
        if (subscribed.has(filter)) continue;
        subscribed.add(filter);
        if (!(await this.#subscribe(session, filter)))
          this.#logger.warn({ topic: filter }, 'the broker does not allow to listen to this topic');
      }
      for (const filter of [...subscribed].filter((old) => !wanted.has(old))) {
        subscribed.delete(filter);
        await session.unsubscribe(filter);
      }
      await aborted(changed.signal);
    }
    this.#wake = () => undefined;
  }

  async #subscribe(session: MqttSession, filter: string): Promise<boolean> {
    const lost = this.#lost.get(filter) ?? 0;
    if (lost >= MAX_LOST_SESSIONS) return false;
    this.#lost.set(filter, lost + 1);
    const isGranted = await session.subscribe(filter);
    this.#lost.delete(filter);
    return isGranted;
  }

  #deliver(arrival: Arrival): void {
    const { topic, payload } = arrival;
    if (payload.length > MAX_PAYLOAD_BYTES) {
      this.#logger.warn({ topic, bytes: payload.length }, 'message left out: it is too long for a command');
      return;
    }
    for (const { filter, listen } of [...this.#listeners]) if (matchesFilter(filter, topic)) listen(arrival);
  }
}

/** MQTT 3.1.1, 4.7: `+` stands for one level, `#` for all that follow, and neither for topics of the broker itself. */
export function matchesFilter(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && !filter.startsWith('$')) return false;
  const [wanted, levels] = [filter.split('/'), topic.split('/')];
  for (const [index, level] of wanted.entries()) {
    if (level === '#') return true;
    if (index >= levels.length || (level !== '+' && level !== levels[index])) return false;
  }
  return wanted.length === levels.length;
}
