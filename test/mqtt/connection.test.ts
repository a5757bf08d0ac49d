import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Message } from '../../src/events/message.ts';
import { describeError, type FramegateError } from '../../src/lib/errors.ts';
import { mqttConfig } from '../../src/mqtt/config.ts';
import { connectMqtt, type MqttSession } from '../../src/mqtt/connection.ts';
import { probeMqtt } from '../../src/mqtt/probe.ts';
import { Broker, type BrokerOptions } from '../helpers/broker.ts';
import { until } from '../helpers/until.ts';

const never = new AbortController().signal;
const will: Message = { topic: 'status', payload: 'offline', retain: true, qos: 1 };
const message = (text: string, qos: 0 | 1 = 1): Message => ({ topic: 't', payload: text, retain: false, qos });

const cleanUp: AsyncDisposable[] = [];
afterEach(async () => {
  for (const resource of cleanUp.splice(0).reverse()) await resource[Symbol.asyncDispose]();
});

async function start(options?: BrokerOptions): Promise<Broker> {
  const broker = await Broker.start(options);
  cleanUp.push(broker);
  return broker;
}

async function connect(url: string, options: Record<string, string> = {}): Promise<MqttSession> {
  const session = await connectMqtt(mqttConfig.parse({ url, ...options }), { clientId: 'gate', will }, never);
  cleanUp.push({ [Symbol.asyncDispose]: async () => session[Symbol.dispose]() });
  return session;
}

const failure = (promise: Promise<unknown>): Promise<FramegateError> =>
  promise.then(
    () => expect.fail('should have been rejected'),
    (error) => error,
  );

describe('a session with the broker', () => {
  it('publishes in the order of the calls and resolves once the broker has it', async () => {
    const broker = await start();
    const session = await connect(broker.url);
    await Promise.all(Array.from({ length: 50 }, (_, index) => session.publish(message(`m${index}`))));
    expect(broker.on('t')).toEqual(Array.from({ length: 50 }, (_, index) => `m${index}`));
    expect(broker.received[0]).toMatchObject({ qos: 1, retain: false, clientId: 'gate' });
  });

  it('publishes QoS 0 and bytes', async () => {
    const broker = await start();
    const session = await connect(broker.url);
    const bytes = Buffer.from([0, 255, 216, 10]);
    await session.publish({ ...message('', 0), payload: bytes });
    await until(() => broker.received.length === 1, 'the message arrives');
    expect(broker.received[0]).toMatchObject({ qos: 0, payload: bytes });
  });

  it('leaves its will when it is dropped', async () => {
    const broker = await start();
    const session = await connect(broker.url);
    session[Symbol.dispose]();
    await until(() => broker.received.length === 1, 'the will arrives');
    expect(broker.received[0]).toMatchObject({ topic: 'status', text: 'offline', retain: true, qos: 1 });
  });

  it('leaves no will when it said goodbye', async () => {
    const broker = await start();
    const session = await connect(broker.url);
    await session.end();
    session[Symbol.dispose]();
    await until(() => broker.clients === 0, 'the client leaves');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(broker.received).toEqual([]);
  });

  it('rejects what is under way, and everything later, when the connection is lost', async () => {
    const broker = await start();
    broker.onPublish = () => 'ignore';
    const session = await connect(broker.url);
    const errors = Promise.all([
      failure(session.publish(message('a'))),
      failure(session.watch(never)),
      new Promise((resolve) => setTimeout(resolve, 50)).then(() => broker.dropConnections()),
    ]);
    for (const error of (await errors).slice(0, 2)) expect(error).toMatchObject({ code: 'ERR_MQTT_UNREACHABLE' });
    expect(await failure(session.publish(message('b')))).toMatchObject({ code: 'ERR_MQTT_UNREACHABLE' });
    expect(await failure(session.watch(never))).toMatchObject({ code: 'ERR_MQTT_UNREACHABLE' });
  });

  it('rejects what is under way when it is disposed', async () => {
    const broker = await start();
    broker.onPublish = () => 'ignore';
    const session = await connect(broker.url);
    const publishing = failure(session.publish(message('a')));
    session[Symbol.dispose]();
    expect(await publishing).toMatchObject({ code: 'ERR_MQTT_UNREACHABLE' });
  });

  it('is dropped even when the broker does not react to the goodbye', async () => {
    const broker = await start();
    broker.onPublish = () => 'ignore';
    const session = await connect(broker.url);
    const publishing = failure(session.publish(message('a')));
    await session.end();
    session[Symbol.dispose]();
    expect(await publishing).toMatchObject({ code: 'ERR_MQTT_UNREACHABLE' });
    await until(() => broker.clients === 0, 'the connection is gone');
  });

  it('lets who watches it go when the signal aborts', async () => {
    const broker = await start();
    const session = await connect(broker.url);
    const controller = new AbortController();
    const watching = session.watch(controller.signal);
    controller.abort();
    await watching;
    await session.publish(message('still there'));
  });

  it('takes the user name and password of the URL or of the config, whatever characters they have', async () => {
    const seen: Array<string | undefined> = [];
    const broker = await start({ accept: (username, password) => seen.push(username, password) > 0 });
    await connect(broker.url.replace('//', '//me:p@s/s#w?r%d@'));
    await connect(broker.url.replace('//', '//me:wrong@'), { username: 'ünï:code', password: 'p@:/#% "\\' });
    expect(seen).toEqual(['me', 'p@s/s#w?r%d', 'ünï:code', 'p@:/#% "\\']);
  });
});

describe('no session', () => {
  it.each([4, 5] as const)(
    'with a wrong password (return code %i) names the config, not the password',
    async (refusal) => {
      const broker = await start({ accept: () => false, refusal });
      const error = await failure(connect(broker.url.replace('//', '//me:hunter2@')));
      expect(error).toMatchObject({ code: 'ERR_MQTT_REFUSED', retryable: false });
      expect(describeError(error)).toBe(
        `the broker ${broker.url} refused the user name or password: check mqtt.username and mqtt.password`,
      );
    },
  );

  it('without a password where one is wanted says so', async () => {
    const broker = await start({ accept: () => false });
    const error = await failure(connect(broker.url));
    expect(error.message).toContain('wants a user name and password');
  });

  it('with a broker that is down says so', async () => {
    const broker = await start();
    await broker.stop();
    const error = await failure(connect(broker.url.replace('//', '//me:hunter2@')));
    expect(error).toMatchObject({ code: 'ERR_MQTT_UNREACHABLE', retryable: true });
    expect(describeError(error)).toBe(
      `the broker ${broker.url} refused the connection: check that it runs and listens on this port`,
    );
  });

  it('with a host that does not exist says so', async () => {
    const error = await failure(connect('mqtt://framegate.invalid'));
    expect(error).toMatchObject({ code: 'ERR_MQTT_UNREACHABLE' });
    expect(error.message).toContain('mqtt://framegate.invalid has an unknown host name');
  });

  it('with something that is no broker says so', async () => {
    const port = await listen((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const error = await failure(connect(`mqtt://127.0.0.1:${port}`));
    expect(error).toMatchObject({ code: 'ERR_MQTT_UNREACHABLE' });
  });

  it('over TLS with a broker that does not speak it is unreachable', async () => {
    const broker = await start();
    const error = await failure(connect(broker.url.replace('mqtt:', 'mqtts:')));
    expect(error).toMatchObject({ code: 'ERR_MQTT_UNREACHABLE' });
  });

  it('with a file of the authority that is missing names the file', async () => {
    const error = await failure(connect('mqtts://127.0.0.1:1', { ca: '/nowhere/ca.pem' }));
    expect(error).toMatchObject({ code: 'ERR_CONFIG_INVALID', retryable: false });
    expect(error.message).toContain('/nowhere/ca.pem');
  });

  it('comes of connecting once the signal aborts', async () => {
    const port = await listen(() => undefined);
    const controller = new AbortController();
    const config = mqttConfig.parse({ url: `mqtt://127.0.0.1:${port}` });
    const connecting = failure(connectMqtt(config, { clientId: 'gate' }, controller.signal));
    setTimeout(() => controller.abort(), 20);
    expect(await connecting).toMatchObject({ code: 'ERR_MQTT_UNREACHABLE', message: 'stopped while connecting' });
    expect(await failure(connectMqtt(config, { clientId: 'gate' }, AbortSignal.abort()))).toMatchObject({
      message: 'stopped while connecting',
    });
  });

  async function listen(onConnection: Parameters<typeof createServer>[1]): Promise<number> {
    const sockets = new Set<{ destroy(): void }>();
    const server: Server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      onConnection?.(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanUp.push({
      [Symbol.asyncDispose]: async () => {
        for (const socket of sockets) socket.destroy();
        await server[Symbol.asyncDispose]();
      },
    });
    return (server.address() as { port: number }).port;
  }
});

describe('the probe', () => {
  it('is ok when the broker lets us in, and does not throw out the gateway that runs', async () => {
    const broker = await start();
    const session = await connect(broker.url);
    const config = mqttConfig.parse({ url: broker.url, clientId: 'gate' });
    expect(await probeMqtt(config, never)).toEqual({ ok: true, message: `the broker ${broker.url} lets us in` });
    await session.publish(message('still there'));
  });

  it('tells why not', async () => {
    const broker = await start({ accept: () => false });
    const result = await probeMqtt(mqttConfig.parse({ url: broker.url, username: 'me', password: 'x' }), never);
    expect(result.ok).toBe(false);
    expect(result.message).toContain('check mqtt.username and mqtt.password');
  });
});
