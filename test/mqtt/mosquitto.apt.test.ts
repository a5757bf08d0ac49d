/**
 * The main path against the broker that most sites run, read by its own client.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OutboxEntry } from '../../src/events/message.ts';
import { describeError } from '../../src/lib/errors.ts';
import { supervise } from '../../src/lib/supervise.ts';
import { mqttConfig } from '../../src/mqtt/config.ts';
import { connectMqtt } from '../../src/mqtt/connection.ts';
import { MqttPublisher } from '../../src/mqtt/publisher.ts';
import { StateStore } from '../../src/mqtt/state.ts';
import { outboxConfig } from '../../src/outbox/config.ts';
import { MemoryOutbox } from '../../src/outbox/memory-outbox.ts';
import { silentLogger } from '../../src/telemetry/logger.ts';
import { until } from '../helpers/until.ts';

const PASSWORD = 'p@s/s#w?r%d "\\';
const children = new Set<ChildProcess>();
let folder: string;
let port: number;
let tlsPort: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'framegate-mosquitto-'));
  [port, tlsPort] = [await freePort(), await freePort()];
  await writeFile(join(folder, 'passwords'), '', { mode: 0o600 });
  execFileSync('mosquitto_passwd', ['-b', join(folder, 'passwords'), 'gate', PASSWORD], { stdio: 'ignore' });
  // A certificate for localhost that signs itself.
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', certificate];
  execFileSync('openssl', [...request, ...subject], { stdio: 'ignore' });
  await writeFile(
    join(folder, 'mosquitto.conf'),
    [
      'per_listener_settings false',
      'allow_anonymous false',
      `password_file ${join(folder, 'passwords')}`,
      'user root',
      `listener ${port} 127.0.0.1`,
      `listener ${tlsPort} 127.0.0.1`,
      `certfile ${certificate}`,
      `keyfile ${key}`,
      '',
    ].join('\n'),
  );
});

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

const config = (url = `mqtt://127.0.0.1:${port}`, password = PASSWORD) =>
  mqttConfig.parse({ url, username: 'gate', password });

const event = (id: number): OutboxEntry => ({
  topic: 'framegate/gate/front/events',
  payload: `${id}`,
  retain: false,
  qos: 1,
  id: `${id}`,
  camera: 'front',
});

describe('with mosquitto', () => {
  it('delivers over its death, in order, restores its memory, and says goodbye', async () => {
    const outbox = new MemoryOutbox(outboxConfig.parse({}));
    const state = new StateStore();
    state.set('framegate/gate/front/motion', 'ON');
    const publisher = new MqttPublisher({
      config: config(),
      clientId: 'framegate-gate',
      statusTopic: 'framegate/gate/status',
      outbox,
      state,
      logger: silentLogger,
    });
    const controller = new AbortController();
    const running = supervise((signal) => publisher.run(signal), controller.signal, {
      backoff: { initialMs: 50, maxMs: 200, healthyMs: 60_000 },
      onFailure: () => undefined,
    });

    await outbox.append(Array.from({ length: 20 }, (_, index) => event(index)));
    let broker = await startMosquitto();
    await until(() => outbox.stats().pending === 0, 'what waited for the broker is delivered');
    const first = subscribe();
    await until(() => first.lines.includes('framegate/gate/front/motion ON'), 'the client gets retained state');
    expect(first.lines).toContain('framegate/gate/status online');

    await outbox.append(Array.from({ length: 800 }, (_, index) => event(1000 + index)));
    await until(() => first.lines.includes('framegate/gate/front/events 1200'), 'some events arrive');
    broker.kill('SIGKILL');
    const seen = new Set(first.lines.filter((line) => line.includes('/events ')));
    await until(() => !publisher.stats().connected, 'the loss is noticed');
    broker = await startMosquitto();
    const second = subscribe();
    await until(() => second.lines.includes('framegate/gate/status online'), 'the birth is there again');
    await until(() => second.lines.includes('framegate/gate/front/motion ON'), 'state is there again');
    await until(() => outbox.stats().pending === 0, 'the rest is delivered');
    expect(outbox.stats()).toMatchObject({ appended: 820, acknowledged: 820 });
    for (const client of [first, second]) expectRising(client.lines);
    expect(seen.size).toBeGreaterThan(200);

    await outbox.append([event(9000)]);
    controller.abort();
    await running;
    await until(() => second.lines.includes('framegate/gate/status offline'), 'the goodbye arrives');
    const tail = second.lines.slice(-2);
    expect(tail).toEqual(['framegate/gate/front/events 9000', 'framegate/gate/status offline']);
    await stopChild(broker);
  });

  it('leaves its will when the connection breaks', async () => {
    const broker = await startMosquitto();
    const client = subscribe();
    const will = { topic: 'framegate/gate/status', payload: 'offline', retain: true, qos: 1 } as const;
    const session = await connectMqtt(config(), { clientId: 'framegate-gate', will }, new AbortController().signal);
    await session.publish({ ...will, payload: 'online' });
    await until(() => client.lines.includes('framegate/gate/status online'), 'online');
    session[Symbol.dispose]();
    await until(() => client.lines.at(-1) === 'framegate/gate/status offline', 'the will');
    await stopChild(broker);
  });

  it('is refused with a wrong password, and says so without it', async () => {
    const broker = await startMosquitto();
    const message = await failure(config(undefined, 'wrong-pass'));
    expect(message).toBe(
      `the broker mqtt://127.0.0.1:${port} refused the user name or password: check mqtt.username and mqtt.password`,
    );
    await stopChild(broker);
  });

  it('speaks TLS with the file of its authority, and names the way out without', async () => {
    const broker = await startMosquitto();
    const url = `mqtts://localhost:${tlsPort}`;
    const ca = join(folder, 'certificate.pem');
    const session = await connectMqtt({ ...config(url), ca }, { clientId: 'x' }, new AbortController().signal);
    await session.publish(event(1));
    await session.end();
    expect(await failure(config(url))).toMatch(/certificate that is not trusted .*: put the file of its authority/);
    const wrongHost = { ...config(url.replace('localhost', '127.0.0.1')), ca };
    expect(await failure(wrongHost)).toContain('not trusted');
    expect(await failure(config(`mqtts://127.0.0.1:${port}`))).toContain(`mqtts://127.0.0.1:${port}`);
    await stopChild(broker);
  });
});

const failure = (broken: ReturnType<typeof config>): Promise<string> =>
  connectMqtt(broken, { clientId: 'x' }, new AbortController().signal).then(
    () => expect.fail('should have been refused'),
    (error) => describeError(error),
  );

/** First occurrences must rise: duplicates are allowed, disorder is not. */
function expectRising(lines: readonly string[]): void {
  const numbers = [
    ...new Set(lines.filter((line) => line.includes('/events ')).map((line) => Number(line.split(' ')[1]))),
  ];
  expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
}

async function startMosquitto(): Promise<ChildProcess> {
  const child = start('mosquitto', ['-c', join(folder, 'mosquitto.conf')]);
  let log = '';
  child.stderr?.on('data', (chunk) => {
    log += chunk;
  });
  await until(() => log.includes('running') || child.exitCode !== null, `mosquitto starts: ${log}`);
  expect(child.exitCode, log).toBeNull();
  return child;
}

/** All lines that mosquitto_sub prints, as `topic payload`. */
function subscribe(): { readonly lines: string[] } {
  const login = ['-h', '127.0.0.1', '-p', String(port), '-u', 'gate', '-P', PASSWORD];
  const child = start('mosquitto_sub', [...login, '-q', '1', '-v', '-t', 'framegate/#']);
  const lines: string[] = [];
  let rest = '';
  child.stdout?.on('data', (chunk) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
  });
  return { lines };
}

function start(command: string, args: string[]): ChildProcess {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  child.on('exit', () => children.delete(child));
  return child;
}

async function stopChild(child: ChildProcess): Promise<void> {
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  await exited;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const free = (server.address() as { port: number }).port;
  await new Promise((resolve) => server.close(resolve));
  return free;
}
