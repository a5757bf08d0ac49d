import { afterEach, expect, it } from 'vitest';
import { supervise } from '../../src/lib/supervise.ts';
import { mqttConfig } from '../../src/mqtt/config.ts';
import type { Arrival, MqttSession } from '../../src/mqtt/connection.ts';
import { Inbox, matchesFilter } from '../../src/mqtt/inbox.ts';
import { MqttPublisher } from '../../src/mqtt/publisher.ts';
import { StateStore } from '../../src/mqtt/state.ts';
import { outboxConfig } from '../../src/outbox/config.ts';
import { MemoryOutbox } from '../../src/outbox/memory-outbox.ts';
import { silentLogger } from '../../src/telemetry/logger.ts';
import { Broker } from '../helpers/broker.ts';
import { publishTo } from '../helpers/publish.ts';
import { until } from '../helpers/until.ts';

const cleanUp: Array<() => Promise<void>> = [];
afterEach(async () => {
  for (const act of cleanUp.splice(0).reverse()) await act();
});

async function start() {
  const broker = await Broker.start();
  cleanUp.push(() => broker.stop());
  const inbox = new Inbox(silentLogger);
  const controller = new AbortController();
  const publisher = new MqttPublisher({
    config: mqttConfig.parse({ url: broker.url }),
    clientId: 'gate',
    statusTopic: 'gate/status',
    outbox: new MemoryOutbox({ ...outboxConfig.parse({}), onDiscard: () => undefined }),
    state: new StateStore(),
    inbox,
    logger: silentLogger,
  });
  const running = supervise((ended) => publisher.run(ended), controller.signal, {
    backoff: { initialMs: 20, maxMs: 50, healthyMs: 1000 },
    onFailure: () => undefined,
  });
  cleanUp.push(async () => {
    controller.abort();
    await running;
  });
  const heard: string[] = [];
  const listen = (filter: string) =>
    inbox.on(filter, ({ topic, payload, isRetained }: Arrival) =>
      heard.push(`${filter} ${topic} ${payload}${isRetained ? ' retained' : ''}`),
    );
  await until(() => publisher.stats().connected, 'connected');
  /** Publishes until it is heard, as a subscription takes a moment. */
  const publish = async (topic: string, payload: string) => {
    const before = heard.length;
    for (let tries = 0; tries < 20 && heard.length === before; tries += 1) {
      await publishTo(broker.url, topic, payload);
      await until(() => heard.length > before, 'it is heard', 1000).catch(() => undefined);
    }
  };
  return { broker, heard, listen, publish, publisher };
}

it('what is published to a topic reaches who listens to it, and nobody else', async () => {
  const { heard, listen, publish, broker } = await start();
  listen('a/+/set');
  listen('other');
  await publish('a/b/set', 'ON');
  expect(heard).toEqual(['a/+/set a/b/set ON']);
  await publishTo(broker.url, 'a/b/get', 'ON');
  await publish('a/c/set', 'OFF');
  expect(heard.slice(1)).toEqual(['a/+/set a/c/set OFF']);
});

it('listening goes on in the next session', async () => {
  const { heard, listen, publish, broker, publisher } = await start();
  listen('a');
  await publish('a', '1');
  broker.dropConnections();
  await until(() => publisher.stats().sessions === 2 && publisher.stats().connected, 'the next session');
  await publish('a', '2');
  expect(heard).toEqual(['a a 1', 'a a 2']);
});

it('what begins later is subscribed to, and what ended is not', async () => {
  const { heard, listen, publish, broker } = await start();
  listen('a');
  await publish('a', '1');
  using late = listen('b');
  await publish('b', '2');
  late[Symbol.dispose]();
  await publishTo(broker.url, 'b', '3');
  await publish('a', '4');
  expect(heard).toEqual(['a a 1', 'b b 2', 'a a 4']);
});

it('retained messages are told from new ones, and huge ones are left out', async () => {
  const { heard, listen, broker } = await start();
  await publishTo(broker.url, 'old', 'x', true);
  await publishTo(broker.url, 'huge', 'x'.repeat(70_000), true);
  listen('huge');
  listen('old');
  await until(() => heard.length > 0, 'the retained message');
  expect(heard).toEqual(['old old x retained']);
});

it('a topic over which the broker hangs up is given up after three sessions, and told', async () => {
  const warnings: unknown[] = [];
  const inbox = new Inbox({ ...silentLogger, warn: (fields) => void warnings.push(fields) });
  inbox.on('bad', () => undefined);
  const asked: string[] = [];
  const session: MqttSession = {
    publish: async () => undefined,
    subscribe: (filter) => {
      asked.push(filter);
      return filter === 'bad' ? Promise.reject(new Error('hung up')) : Promise.resolve(true);
    },
    unsubscribe: async () => undefined,
    onArrival: () => undefined,
    watch: async () => undefined,
    end: async () => undefined,
    [Symbol.dispose]: () => undefined,
  };
  const never = new AbortController().signal;
  for (let lost = 0; lost < 3; lost += 1) await expect(inbox.run(session, never)).rejects.toThrow('hung up');
  inbox.on('good', () => undefined);
  const controller = new AbortController();
  const running = inbox.run(session, controller.signal);
  await until(() => asked.includes('good'), 'the other topic is listened to');
  controller.abort();
  await running;
  expect(asked).toEqual(['bad', 'bad', 'bad', 'good']);
  expect(warnings).toEqual([{ topic: 'bad' }]);
});

it.each([
  ['a/b', 'a/b', true],
  ['a/b', 'a/b/c', false],
  ['a/b/c', 'a/b', false],
  ['a/+/c', 'a/b/c', true],
  ['a/+', 'a/b/c', false],
  ['a/#', 'a/b/c', true],
  ['a/#', 'a', true],
  ['#', 'a/b', true],
  ['#', '$SYS/x', false],
  ['+/x', '$SYS/x', false],
  ['a/+', 'a/', true],
])('filter %s, topic %s: %s', (filter, topic, matches) => {
  expect(matchesFilter(filter, topic)).toBe(matches);
});
