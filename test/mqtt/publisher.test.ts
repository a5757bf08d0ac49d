import { afterEach, describe, expect, it } from 'vitest';
import type { OutboxEntry } from '../../src/events/message.ts';
import { supervise } from '../../src/lib/supervise.ts';
import { mqttConfig } from '../../src/mqtt/config.ts';
import { MqttPublisher } from '../../src/mqtt/publisher.ts';
import { StateStore } from '../../src/mqtt/state.ts';
import { outboxConfig } from '../../src/outbox/config.ts';
import { MemoryOutbox } from '../../src/outbox/memory-outbox.ts';
import type { DiscardReason } from '../../src/outbox/outbox.ts';
import { silentLogger } from '../../src/telemetry/logger.ts';
import { Broker } from '../helpers/broker.ts';
import { until } from '../helpers/until.ts';

const STATUS = 'framegate/gate/status';
const event = (id: number | string, camera = 'front', payload: string | Buffer = `${id}`): OutboxEntry => ({
  topic: `framegate/gate/${camera}/events`,
  payload,
  retain: false,
  qos: 1,
  id: `${id}`,
  camera,
});
const events = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => event(from + index));
const numbers = (to: number) => Array.from({ length: to }, (_, index) => `${index}`);
/** What a consumer keeps that drops what it has seen. */
const firsts = (texts: readonly string[]) => [...new Set(texts)];

const gateways: Gateway[] = [];
const brokers: Broker[] = [];
afterEach(async () => {
  for (const gateway of gateways.splice(0)) await gateway.stop();
  for (const broker of brokers.splice(0)) await broker.stop();
});

async function startBroker(): Promise<Broker> {
  const broker = await Broker.start();
  brokers.push(broker);
  return broker;
}

class Gateway {
  readonly state = new StateStore();
  readonly discarded: Array<[string, DiscardReason]> = [];
  readonly outbox = new MemoryOutbox({
    ...outboxConfig.parse({}),
    onDiscard: ({ id }, reason) => void this.discarded.push([id, reason]),
  });
  readonly failures: unknown[] = [];
  readonly publisher: MqttPublisher;
  readonly #controller = new AbortController();
  readonly #running: Promise<void>;

  constructor(url: string) {
    this.publisher = new MqttPublisher({
      config: mqttConfig.parse({ url }),
      clientId: 'framegate-gate',
      statusTopic: STATUS,
      outbox: this.outbox,
      state: this.state,
      logger: silentLogger,
    });
    this.#running = supervise((signal) => this.publisher.run(signal), this.#controller.signal, {
      backoff: { initialMs: 20, maxMs: 50, healthyMs: 60_000 },
      onFailure: (error) => this.failures.push(error),
    });
    gateways.push(this);
  }

  async stop(): Promise<void> {
    this.#controller.abort();
    await this.#running;
  }

  isIdle = () => this.outbox.stats().pending === 0;
}

describe('with a broker that stays', () => {
  it('says online, delivers events in order, and acknowledges them', async () => {
    const broker = await startBroker();
    const gateway = new Gateway(broker.url);
    await gateway.outbox.append(events(0, 100));
    await until(gateway.isIdle, 'everything is delivered');
    expect(broker.received[0]).toMatchObject({ topic: STATUS, text: 'online', retain: true, qos: 1 });
    expect(broker.on('framegate/gate/front/events')).toEqual(numbers(100));
    expect(gateway.outbox.stats()).toMatchObject({ appended: 100, acknowledged: 100, pending: 0 });
    expect(gateway.publisher.stats()).toEqual({ connected: true, sessions: 1, published: 100 });
  });

  it('publishes state as it changes, and clears what is deleted', async () => {
    const broker = await startBroker();
    const gateway = new Gateway(broker.url);
    gateway.state.set('framegate/gate/front/motion', 'ON');
    await until(() => broker.retained.get('framegate/gate/front/motion') === 'ON', 'motion is on');
    gateway.state.set('framegate/gate/front/motion', 'OFF');
    await until(() => broker.retained.get('framegate/gate/front/motion') === 'OFF', 'motion is off');
    gateway.state.delete('framegate/gate/front/motion');
    await until(() => !broker.retained.has('framegate/gate/front/motion'), 'motion is cleared');
  });

  it('on stop delivers what is pending, says offline last, and leaves no will', async () => {
    const broker = await startBroker();
    const gateway = new Gateway(broker.url);
    await until(() => gateway.publisher.stats().connected, 'a session');
    broker.onPublish = () => new Promise((resolve) => setTimeout(() => resolve('accept'), 2));
    await gateway.outbox.append(events(0, 60));
    gateway.state.set('framegate/gate/front/availability', 'offline');
    await gateway.stop();
    expect(broker.on('framegate/gate/front/events')).toEqual(numbers(60));
    expect(broker.retained.get('framegate/gate/front/availability')).toBe('offline');
    expect(broker.received.at(-1)).toMatchObject({ topic: STATUS, text: 'offline', retain: true });
    expect(broker.on(STATUS)).toEqual(['online', 'offline']);
    expect(gateway.outbox.stats()).toMatchObject({ acknowledged: 60, pending: 0 });
    expect(gateway.publisher.stats().connected).toBe(false);
  });

  it('on stop does not wait for ever for a broker that acknowledges nothing, and the will speaks for it', async () => {
    const broker = await startBroker();
    const gateway = new Gateway(broker.url);
    await until(() => gateway.publisher.stats().connected, 'a session');
    broker.onPublish = ({ topic }) => (topic === STATUS ? 'accept' : 'ignore');
    await gateway.outbox.append(events(0, 3));
    await gateway.stop();
    expect(gateway.outbox.stats()).toMatchObject({ pending: 3 });
    await until(() => broker.retained.get(STATUS) === 'offline', 'the will arrives');
  });
});

describe('with a broker that goes and comes', () => {
  it('down at the start, events wait and state is sent once it is there', async () => {
    const broker = await startBroker();
    await broker.stop();
    const gateway = new Gateway(broker.url);
    await gateway.outbox.append(events(0, 10));
    gateway.state.set('framegate/gate/front/motion', 'ON');
    await until(() => gateway.failures.length >= 2, 'two attempts');
    expect(gateway.failures[0]).toMatchObject({ code: 'ERR_MQTT_UNREACHABLE' });
    expect(gateway.outbox.stats()).toMatchObject({ pending: 10 });
    await broker.start();
    await until(gateway.isIdle, 'everything is delivered');
    expect(broker.on('framegate/gate/front/events')).toEqual(numbers(10));
    await until(() => broker.retained.get('framegate/gate/front/motion') === 'ON', 'motion is on');
  });

  it('that never comes, the gateway stops all the same', async () => {
    const broker = await startBroker();
    await broker.stop();
    const gateway = new Gateway(broker.url);
    await gateway.outbox.append(events(0, 1));
    await until(() => gateway.failures.length >= 1, 'an attempt');
    await gateway.stop();
    expect(gateway.outbox.stats()).toMatchObject({ pending: 1 });
  });

  it('killed again and again in the middle, nothing is lost and nothing is out of order', async () => {
    const broker = await startBroker();
    const gateway = new Gateway(broker.url);
    broker.onPublish = () => new Promise((resolve) => setTimeout(() => resolve('accept'), 1));
    for (let life = 1; life <= 4; life += 1) {
      await gateway.outbox.append(events((life - 1) * 100, life * 100));
      const before = broker.received.length;
      await until(() => broker.received.length >= before + 30, 'some events arrive');
      await broker.stop();
      await broker.start();
    }
    await until(gateway.isIdle, 'everything is delivered');
    expect(firsts(broker.on('framegate/gate/front/events'))).toEqual(numbers(400));
    expect(gateway.outbox.stats()).toMatchObject({ appended: 400, acknowledged: 400, pending: 0 });
    expect(gateway.publisher.stats().sessions).toBeGreaterThanOrEqual(5);
  });

  it('that took an event but could not say so, gets the same once more', async () => {
    const broker = await startBroker();
    const gateway = new Gateway(broker.url);
    await until(() => gateway.publisher.stats().connected, 'a session');
    broker.onPublish = () => {
      broker.onPublish = () => 'accept';
      return 'take-and-hang-up';
    };
    await gateway.outbox.append([event('once')]);
    await until(gateway.isIdle, 'everything is delivered');
    expect(broker.on('framegate/gate/front/events')).toEqual(['once', 'once']);
    expect(gateway.outbox.stats()).toMatchObject({ appended: 1, acknowledged: 1 });
  });

  it('that lost its memory, all state and the birth are sent again', async () => {
    const broker = await startBroker();
    const gateway = new Gateway(broker.url);
    gateway.state.set('framegate/gate/front/motion', 'ON');
    gateway.state.set('framegate/gate/front/person', 'OFF');
    gateway.state.set('framegate/gate/back/motion', 'ON');
    await until(() => broker.retained.size === 4, 'all state arrives');
    await broker.stop();
    gateway.state.set('framegate/gate/front/motion', 'OFF');
    gateway.state.delete('framegate/gate/back/motion');
    await broker.start();
    await until(() => broker.retained.size === 3, 'all state arrives again');
    expect(Object.fromEntries(broker.retained)).toEqual({
      [STATUS]: 'online',
      'framegate/gate/front/motion': 'OFF',
      'framegate/gate/front/person': 'OFF',
    });
  });

  it('notices a lost session though it has nothing to send', async () => {
    const broker = await startBroker();
    const gateway = new Gateway(broker.url);
    await until(() => gateway.publisher.stats().connected, 'a session');
    broker.dropConnections();
    await until(() => gateway.publisher.stats().sessions === 2, 'a second session');
    expect(broker.on(STATUS)).toEqual(['online', 'offline', 'online']);
  });
});

describe('an entry over which the broker hangs up', () => {
  it('is given up after a while if it is large, and what comes after it is delivered', async () => {
    const broker = await startBroker();
    broker.onPublish = ({ payload }) => (payload.length > 100_000 ? 'hang-up' : 'accept');
    const gateway = new Gateway(broker.url);
    await gateway.outbox.append([event(0), event('snapshot', 'front', Buffer.alloc(200_000)), event(1), event(2)]);
    await until(gateway.isIdle, 'the queue is empty');
    expect(firsts(broker.on('framegate/gate/front/events'))).toEqual(['0', '1', '2']);
    expect(gateway.discarded).toEqual([['snapshot', 'undeliverable']]);
    expect(gateway.outbox.stats()).toMatchObject({ appended: 4, acknowledged: 3, pending: 0 });
  });

  it('is never given up if it is small', async () => {
    const broker = await startBroker();
    broker.onPublish = ({ text }) => (text === '1' ? 'hang-up' : 'accept');
    const gateway = new Gateway(broker.url);
    await gateway.outbox.append(events(0, 4));
    await until(() => gateway.failures.length >= 12, 'twelve sessions fail');
    broker.onPublish = () => 'accept';
    await until(gateway.isIdle, 'everything is delivered');
    expect(firsts(broker.on('framegate/gate/front/events'))).toEqual(numbers(4));
    expect(gateway.discarded).toEqual([]);
  });
});
