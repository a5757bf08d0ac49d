import type { Message } from '../events/message.ts';
import { aborted } from '../lib/abort.ts';
import { together } from '../lib/together.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { MqttConfig } from './config.ts';
import { connectMqtt, type MqttSession } from './connection.ts';
import type { Inbox } from './inbox.ts';
import { OutboxPump } from './outbox-pump.ts';
import type { StateStore } from './state.ts';

/** What a graceful stop may take before the connection is dropped. */
const STOP_TIMEOUT_MS = 3000;

export interface PublisherOptions {
  readonly config: MqttConfig;
  readonly clientId: string;
  /** Topic of `online` / `offline`: birth, goodbye and will. */
  readonly statusTopic: string;
  readonly outbox: Outbox;
  readonly state: StateStore;
  /** What is listened to. */
  readonly inbox?: Inbox;
  readonly logger: Logger;
}

export interface PublisherStats {
  readonly connected: boolean;
  /** Sessions begun since the start. */
  readonly sessions: number;
  /** Entries of the outbox that the broker acknowledged. */
  readonly published: number;
}

/** Everything that goes to the broker, or comes from it, goes through here. */
export class MqttPublisher {
  readonly #options: PublisherOptions;
  readonly #pump: OutboxPump;
  #connected = false;
  #sessions = 0;

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#pump = new OutboxPump(options.outbox);
  }

  stats(): PublisherStats {
    return { connected: this.#connected, sessions: this.#sessions, published: this.#pump.published };
  }

  /**
   * One session: birth, all state, then events and changes as they come. Throws when there is no connection or it is lost; `supervise`
   * begins the next session. On abort delivers what is pending, says `offline` and goodbye, within 3 s, and resolves.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { config, clientId, logger } = this.#options;
    try {
      using session = await connectMqtt(config, { clientId, will: this.#status('offline') }, signal);
      using _ = afterAbort(signal, STOP_TIMEOUT_MS, () => session[Symbol.dispose]());
      await this.#serve(session, signal);
      await this.#farewell(session);
    } catch (error) {
      if (!signal.aborted) throw error;
      const { pending } = this.#options.outbox.stats();
      if (pending > 0) logger.warn({ pending }, 'stopped before the broker had everything');
    }
  }

  async #serve(session: MqttSession, signal: AbortSignal): Promise<void> {
    const { state, logger } = this.#options;
    try {
      await session.publish(this.#status('online'));
      this.#connected = true;
      this.#sessions += 1;
      logger.info({ pending: this.#options.outbox.stats().pending }, 'connected to the broker');
      state.resend();
      await together(
        signal,
        (link) => session.watch(link),
        (link) => this.#pump.run(session, link),
        (link) => this.#pumpState(session, link),
        (link) => this.#options.inbox?.run(session, link) ?? aborted(link),
      );
    } finally {
      this.#connected = false;
    }
  }

  async #pumpState(session: MqttSession, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) await this.#send(session, await this.#options.state.changes(signal));
  }

  async #send(session: MqttSession, messages: readonly Message[]): Promise<void> {
    await Promise.all(messages.map((message) => session.publish(message)));
    for (const message of messages) this.#options.state.acknowledge(message);
  }

  async #farewell(session: MqttSession): Promise<void> {
    await this.#pump.drain(session);
    await this.#send(session, this.#options.state.takeChanges());
    await session.publish(this.#status('offline'));
    await session.end();
  }

  #status(payload: 'online' | 'offline'): Message {
    return { topic: this.#options.statusTopic, payload, retain: true, qos: 1 };
  }
}

/** Calls `act` when `ms` have passed since `signal` aborted, unless it is disposed before. */
function afterAbort(signal: AbortSignal, ms: number, act: () => void): Disposable {
  let timer: NodeJS.Timeout | undefined;
  const start = () => {
    timer = setTimeout(act, ms);
  };
  if (signal.aborted) start();
  else signal.addEventListener('abort', start, { once: true });
  return {
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', start);
    },
  };
}
