/**
 * The main job on a real surveillance clip, with the programs a site has: GStreamer's RTSP server, mosquitto, and both of ours as processes.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { GatewayStatus } from '../../src/gateway-status.ts';
import { freePort, type RunningProcess, start, startFramegate } from '../helpers/processes.ts';
import { until } from '../helpers/until.ts';

const CLIP = '/usr/share/doc/opencv-doc/examples/data/vtest.avi';
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'framegate-e2e-'));
  const encode = [
    '-c:v',
    'libx264',
    '-preset',
    'veryfast',
    '-tune',
    'zerolatency',
    '-g',
    '20',
    '-crf',
    '26',
    '-pix_fmt',
    'yuv420p',
  ];
  execFileSync('ffmpeg', [
    '-v',
    'error',
    '-i',
    CLIP,
    '-an',
    ...encode,
    '-movflags',
    '+faststart',
    join(folder, 'vtest.mp4'),
  ]);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

interface Site {
  readonly gateway: RunningProcess;
  readonly inference: RunningProcess;
  readonly camera: RunningProcess;
  readonly messages: ReadonlyArray<{ readonly topic: string; readonly payload: string }>;
  readonly restart: { camera(): RunningProcess; inference(): RunningProcess };
  status(): Promise<GatewayStatus>;
}

async function openSite(): Promise<Site> {
  const data = join(folder, 'data');
  const [rtspPort, mqttPort, inferencePort, httpPort] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const script = new URL('../helpers/gst-rtsp-server.py', import.meta.url).pathname;
  const startCamera = () => start('/usr/bin/python3', [script, join(folder, 'vtest.mp4'), String(rtspPort)]);
  const startInference = () => startFramegate(['serve', '--port', String(inferencePort)], { FRAMEGATE_DATA_DIR: data });
  const built = startFramegate(['model', 'build', 'coco'], { FRAMEGATE_DATA_DIR: data });
  await until(() => built.child.exitCode !== null, 'the model is built', 60_000);
  expect(built.child.exitCode, built.lines.join('\n')).toBe(0);

  const brokerConfig = join(folder, `mosquitto-${mqttPort}.conf`);
  await writeFile(brokerConfig, `listener ${mqttPort} 127.0.0.1\nallow_anonymous true\n`);
  start('mosquitto', ['-c', brokerConfig]);
  const camera = startCamera();
  await camera.line(/ready/);
  const inference = startInference();
  const configFile = join(folder, `framegate-${httpPort}.yaml`);
  await writeFile(
    configFile,
    [
      'gateway: { id: site }',
      `http: { port: ${httpPort} }`,
      `mqtt: { url: 'mqtt://127.0.0.1:${mqttPort}' }`,
      `inference: { url: 'http://127.0.0.1:${inferencePort}' }`,
      'cameras:',
      `  square: { url: 'rtsp://127.0.0.1:${rtspPort}/stream', decode: { stallTimeout: 5s } }`,
    ].join('\n'),
  );
  await until(() => isListening(mqttPort), 'the broker listens');
  const messages: Array<{ topic: string; payload: string }> = [];
  const listener = start('mosquitto_sub', [
    '-p',
    String(mqttPort),
    '-v',
    '-t',
    'framegate/site/+/events',
    '-t',
    'framegate/site/+/detections',
    '-t',
    'framegate/site/+/motion',
    '-t',
    'framegate/site/square/person/#',
    '-t',
    'framegate/site/status',
  ]);
  const read = setInterval(() => {
    for (const line of listener.lines.slice(messages.length)) {
      const space = line.indexOf(' ');
      messages.push({ topic: line.slice(0, space), payload: line.slice(space + 1) });
    }
  }, 50);
  onTestFinished(() => clearInterval(read));
  const gateway = startFramegate(['run', '-c', configFile]);
  const status = async () => (await fetch(`http://127.0.0.1:${httpPort}/api/status`)).json() as Promise<GatewayStatus>;
  return { gateway, inference, camera, messages, status, restart: { camera: startCamera, inference: startInference } };
}

function isListening(port: number): boolean {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .some((line) => line.includes(`:${hex} 00000000:0000 0A`));
}

const eventsOf = ({ messages }: Site) =>
  messages.filter(({ topic }) => topic.endsWith('/events')).map(({ payload }) => JSON.parse(payload));
const verdictsOf = ({ messages }: Site) =>
  messages.filter(({ topic }) => topic.endsWith('/detections')).map(({ payload }) => JSON.parse(payload));

async function checkAccounts(site: Site): Promise<GatewayStatus['cameras'][string]> {
  const { cameras, outbox } = await site.status();
  const camera = cameras['square'];
  if (!camera) throw new Error('no camera');
  const { triggered, answered, unknown, byReason, inFlight } = camera.inference;
  expect(triggered).toBe(answered + unknown + inFlight);
  expect(unknown).toBe(Object.values(byReason).reduce((sum, count) => sum + count, 0));
  expect(outbox.appended).toBe(
    outbox.acknowledged + outbox.pending + Object.values(outbox.discarded).reduce((sum, count) => sum + count, 0),
  );
  return camera;
}

test('people in a real clip become events on a real broker, and few frames go to the model', {
  timeout: 120_000,
}, async () => {
  const site = await openSite();
  await until(
    () => eventsOf(site).filter(({ type, label }) => type === 'new' && label === 'person').length >= 3,
    'three people',
    60_000,
  );
  await until(() => verdictsOf(site).filter(({ verdict }) => verdict === 'ok').length >= 15, 'fifteen answers', 60_000);
  const { frames, inference } = await checkAccounts(site);
  expect(frames.sent).toBeLessThan(frames.seen / 2);
  expect(frames.seen).toBeLessThanOrEqual(frames.received);
  expect(inference.answered).toBeGreaterThanOrEqual(15);
  const [first] = eventsOf(site);
  expect(first).toMatchObject({
    schema: 1,
    type: 'new',
    camera: 'square',
    label: 'person',
    model: 'coco/1',
    verdict: 'ok',
  });
  expect(first.score).toBeGreaterThanOrEqual(0.5);
  for (const value of first.box) expect(value).toBeGreaterThanOrEqual(0);
  expect(site.messages.some(({ topic, payload }) => topic.endsWith('/motion') && payload === 'ON')).toBe(true);
  expect(site.messages.some(({ topic, payload }) => topic.endsWith('/person') && payload === 'ON')).toBe(true);
  console.log(
    `frames received ${frames.received}, seen ${frames.seen}, triggered ${inference.triggered}, sent ${frames.sent}, answered ${inference.answered}, unknown ${inference.unknown}`,
  );

  expect(await site.gateway.end('SIGTERM'), site.gateway.lines.join('\n')).toBe(0);
  await until(() => site.messages.at(-1)?.payload === 'offline', 'goodbye');
  const events = eventsOf(site);
  const begun = new Set(events.filter(({ type }) => type === 'new').map(({ id }) => id));
  const ended = new Set(events.filter(({ type }) => type === 'end').map(({ id }) => id));
  expect(ended).toEqual(begun);
});

test('each process that is killed alone is got over, and the log says so', { timeout: 180_000 }, async () => {
  const site = await openSite();
  const answers = () => verdictsOf(site).filter(({ verdict }) => verdict === 'ok').length;
  await until(() => answers() >= 3, 'answers', 60_000);

  for (const pid of ffmpegChildrenOf(site.gateway.child.pid)) process.kill(pid, 'SIGKILL');
  await site.gateway.line(/decoder replaced/);
  let before = answers();
  await until(() => answers() > before, 'answers after the death of ffmpeg', 30_000);

  await site.camera.end('SIGKILL');
  await until(
    () => site.gateway.lines.filter((line) => line.includes('camera is offline')).length >= 1,
    'the loss of the camera is told',
    30_000,
  );
  await site.restart.camera().line(/ready/);
  before = answers();
  await until(() => answers() > before, 'answers after the death of the camera', 60_000);

  await site.inference.end('SIGKILL');
  await site.gateway.line(/the model did not answer/, 30_000);
  await until(() => verdictsOf(site).some(({ reason }) => reason === 'unavailable'), 'an unknown verdict');
  site.restart.inference();
  before = answers();
  await until(() => answers() > before, 'answers after the death of the model', 60_000);
  await site.gateway.line(/the model answers again/);

  const camera = await checkAccounts(site);
  expect(camera.inference.byReason.unavailable).toBeGreaterThan(0);
  expect(site.gateway.child.exitCode).toBeNull();
  expect(await site.gateway.end('SIGTERM')).toBe(0);
});

function ffmpegChildrenOf(parent: number | undefined): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent && stat.includes('(ffmpeg)');
      } catch {
        return false; // gone meanwhile
      }
    });
}
