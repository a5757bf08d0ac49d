/**
 * One session with the broker. The only file that knows MQTT.js.
 *
 * MQTT.js would reconnect and queue by itself; both are off. A session begins, ends, and is never revived: what was not acknowledged
 * stays in the outbox, and `supervise` begins the next session.
 */
import { readFile } from 'node:fs/promises';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { writeToStream } from 'mqtt-packet';
import type { Message } from '../events/message.ts';
import { aborted, LinkedAbort } from '../lib/abort.ts';
import { FramegateError } from '../lib/errors.ts';
import { type BrokerAddress, parseBrokerUrl } from './address.ts';
import type { MqttConfig } from './config.ts';
import { connectionError, connectionLost } from './failure.ts';

const CONNECT_TIMEOUT_MS = 10_000;
/** A broker that answers pings but acknowledges nothing for this long is of no use. */
const ACKNOWLEDGE_TIMEOUT_MS = 60_000;
const END_TIMEOUT_MS = 1000;

// MQTT.js would keep a buffer for each number up to 65535 at hand, which are 7 MB, to write some bytes faster.
writeToStream.cacheNumbers = false;

export interface ConnectOptions {
  readonly clientId: string;
  /** What the broker publishes when the session ends without goodbye. */
  readonly will?: Message;
}

/** A message of somebody else. */
export interface Arrival {
  readonly topic: string;
  readonly payload: Buffer;
  /** It is old: the broker kept it and sends it because we asked for its topic. */
  readonly isRetained: boolean;
}

/** Disposing it without `end()` drops the connection, and the broker publishes the will. */
export interface MqttSession extends Disposable {
  /**
   * Resolves when the broker acknowledged the message, or for QoS 0 when it was written. Rejects when the session ends first. Messages
   * are sent in the order of the calls.
   */
  publish(message: Message): Promise<void>;
  /** Asks for what is published to `filter`; resolves with false when the broker does not allow it. Rejects when the session ends first. */
  subscribe(filter: string): Promise<boolean>;
  unsubscribe(filter: string): Promise<void>;
  /** Gives what arrives to `listener`, in place of the one before. */
  onArrival(listener: (arrival: Arrival) => void): void;
  /** Rejects when the session is lost; resolves when `signal` aborts. */
  watch(signal: AbortSignal): Promise<void>;
  /** Says goodbye, so that the broker forgets the will. */
  end(): Promise<void>;
}

/** Rejects with `ERR_MQTT_UNREACHABLE`, `ERR_MQTT_REFUSED` or `ERR_CONFIG_INVALID`. `signal` gives up connecting; it does not end the session. */
export async function connectMqtt(
  config: MqttConfig,
  options: ConnectOptions,
  signal: AbortSignal,
): Promise<MqttSession> {
  const address = brokerAddress(config);
  const client = connect({ ...(await clientOptions(config, address)), ...options });
  const session = new Session(client, address, options.clientId);
  const giveUp = () => session.fail(new FramegateError('ERR_MQTT_UNREACHABLE', 'stopped while connecting'));
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  try {
    await session.connected();
    return session;
  } catch (error) {
    session[Symbol.dispose]();
    throw error;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

/** Where `config` points to, with its user name and password, if it has them, instead of those in the URL. */
export function brokerAddress(config: MqttConfig): BrokerAddress {
  const address = parseBrokerUrl(config.url);
  if (!address)
    throw new FramegateError('ERR_CONFIG_INVALID', 'mqtt.url is no address of a broker', { retryable: false });
  return {
    ...address,
    username: config.username ?? address.username,
    password: config.password ?? address.password,
  };
}

async function clientOptions(config: MqttConfig, address: BrokerAddress): Promise<IClientOptions> {
  const { protocol, host, port, path, username, password } = address;
  const hostname = protocol.startsWith('ws') && host.includes(':') ? `[${host}]` : host;
  return {
    protocol,
    hostname,
    ...(port !== undefined && { port }),
    ...(protocol.startsWith('ws') && { path }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(config.ca !== undefined && { ca: await readCertificate(config.ca) }),
    clean: true,
    reconnectPeriod: 0,
    queueQoSZero: false,
    resubscribe: false,
    connectTimeout: CONNECT_TIMEOUT_MS,
    keepalive: Math.round(config.keepAlive / 1000),
  };
}

async function readCertificate(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new FramegateError('ERR_CONFIG_INVALID', `mqtt.ca: ${file} cannot be read`, {
      cause: error,
      hint: 'name a PEM file that this user may read',
      retryable: false,
    });
  }
}

class Session implements MqttSession {
  readonly #client: MqttClient;
  readonly #address: BrokerAddress;
  readonly #clientId: string;
  /** Rejects what is under way when the session ends: MQTT.js itself would leave publications pending forever. */
  readonly #underWay = new Set<(error: FramegateError) => void>();
  #failure: FramegateError | undefined;

  constructor(client: MqttClient, address: BrokerAddress, clientId: string) {
    this.#client = client;
    this.#address = address;
    this.#clientId = clientId;
    client.on('error', (error) => this.fail(connectionError(error, address, clientId)));
    client.on('close', () => this.fail(connectionLost(address, clientId)));
  }

  connected(): Promise<void> {
    return this.#unlessEnded(new Promise((resolve) => this.#client.once('connect', () => resolve())));
  }

  async publish({ topic, payload, qos, retain }: Message): Promise<void> {
    if (this.#failure) throw this.#failure;
    const timer = setTimeout(() => this.fail(noAcknowledgement(this.#address)), ACKNOWLEDGE_TIMEOUT_MS);
    try {
      await this.#unlessEnded(
        new Promise((resolve, reject) => {
          this.#client.publish(topic, payload, { qos, retain }, (error) => {
            if (error) reject(connectionError(error, this.#address, this.#clientId));
            else resolve();
          });
        }),
      );
    } finally {
      clearTimeout(timer);
    }
  }

  async subscribe(filter: string): Promise<boolean> {
    let isGranted = true;
    await this.#unlessEnded(
      new Promise((resolve) => {
        this.#client.subscribe(filter, { qos: 1 }, (error, granted) => {
          // Return code 128 of SUBACK: MQTT 3.1.1, 3.9.3. If the session was lost, `ended` says so.
          isGranted = !error && !granted?.some(({ qos }) => Number(qos) === 128);
          resolve();
        });
      }),
    );
    return isGranted;
  }

  async unsubscribe(filter: string): Promise<void> {
    await this.#unlessEnded(new Promise((resolve) => this.#client.unsubscribe(filter, () => resolve())));
  }

  onArrival(listener: (arrival: Arrival) => void): void {
    this.#client.removeAllListeners('message');
    this.#client.on('message', (topic, payload, { retain }) => listener({ topic, payload, isRetained: retain }));
  }

  watch(signal: AbortSignal): Promise<void> {
    return this.#unlessEnded(aborted(signal));
  }

  async end(): Promise<void> {
    if (this.#failure) return;
    using deadline = new LinkedAbort(undefined, END_TIMEOUT_MS);
    await Promise.race([aborted(deadline.signal), new Promise((resolve) => this.#client.end(false, resolve))]);
  }

  [Symbol.dispose](): void {
    this.fail(new FramegateError('ERR_MQTT_UNREACHABLE', 'the session with the broker was ended'));
    // MQTT.js ignores a forced end after a polite one, which waits for the broker.
    this.#client.stream.destroy();
  }

  /** Ends the session at once; everything under way gets the first reason. */
  fail(error: FramegateError): void {
    if (this.#failure) return;
    this.#failure = error;
    for (const reject of [...this.#underWay]) reject(error);
    this.#client.end(true);
  }

  async #unlessEnded(work: Promise<void>): Promise<void> {
    if (this.#failure) throw this.#failure;
    let reject: (error: FramegateError) => void = () => undefined;
    const ended = new Promise<never>((_, rejectEnded) => {
      reject = rejectEnded;
    });
    this.#underWay.add(reject);
    try {
      await Promise.race([work, ended]);
    } finally {
      this.#underWay.delete(reject);
    }
  }
}

const noAcknowledgement = ({ display }: BrokerAddress) =>
  new FramegateError('ERR_MQTT_UNREACHABLE', `the broker ${display} does not acknowledge what it is sent`, {
    hint: 'look at the log of the broker',
  });
