/**
 * What opens the gate from outside, and switches, on a gateway that runs as a process and watches a scene in which nothing moves.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { openRtspCamera, type RtspCamera } from '../../src/demo/rtsp-camera/rtsp-camera.ts';
import { Broker } from '../helpers/broker.ts';
import { makeClip } from '../helpers/clips.ts';
import { forTest } from '../helpers/for-test.ts';
import { framegate } from '../helpers/framegate.ts';
import { openSite } from '../helpers/gateway-site.ts';
import { detections, InferenceServer } from '../helpers/inference-server.ts';
import { OnvifCamera } from '../helpers/onvif-camera.ts';
import { publishTo } from '../helpers/publish.ts';
import { until } from '../helpers/until.ts';

const PERSON = { x: 160, y: 120, width: 60, height: 120, confidence: 0.9, class: 'person' };

let broker: Broker;
let inference: InferenceServer;
let camera: RtspCamera;

beforeEach(async () => {
  const clip = await makeClip({ seconds: 30, fps: 10, gop: 10, motion: 'none' });
  broker = await forTest(Broker.start());
  inference = await forTest(InferenceServer.start(detections([PERSON])));
  camera = await forTest(openRtspCamera({ file: clip.file, codec: 'h264', fps: clip.fps }));
});

async function site(settings: Record<string, unknown> = {}) {
  const opened = await openSite({
    mqtt: { url: broker.url },
    inference: { url: inference.url, deadline: '3s' },
    cameras: { front: { url: camera.url, ...settings } },
  });
  const api = (path: string, init: RequestInit = {}) =>
    fetch(`${opened.url}${path}`, {
      ...init,
      headers: { ...(init.body ? { 'content-type': 'application/json' } : {}), ...init.headers },
    });
  const front = () => opened.camera('front');
  const online = () =>
    until(() => broker.retained.get('framegate/site/front/availability') === 'online', 'the camera is online', 30_000);
  return { ...opened, api, front, online };
}

/** Why frames were sent, in order. */
const causes = () => broker.on('framegate/site/front/detections').map((text) => JSON.parse(text).trigger as string);
const patch = (body: unknown): RequestInit => ({ method: 'PATCH', body: JSON.stringify(body) });

test('requests, messages, the CLI and time open the gate of a camera in which nothing moves', async () => {
  const { start, api, file, front, online } = await site({
    trigger: { duration: '1s', every: '5s', mqtt: { topic: 'sensors/pir', key: 'occupancy', payload: true } },
  });
  start();
  await online();
  const reply = await api('/api/cameras/front/trigger', { method: 'POST', body: '{"duration":"2500ms"}' });
  expect([reply.status, await reply.json()]).toMatchObject([202, { camera: 'front', durationMs: 2500 }]);
  await until(() => causes().filter((cause) => cause === 'api').length >= 3, 'frames for the request', 20_000);
  await publishTo(broker.url, 'framegate/site/front/trigger', 'ON');
  await until(() => causes().includes('mqtt'), 'a frame for the message', 20_000);
  const before = causes().filter((cause) => cause === 'mqtt').length;
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await publishTo(broker.url, 'sensors/pir', '{"occupancy":false}');
  await publishTo(broker.url, 'sensors/pir', '{"occupancy":true}');
  await until(() => causes().filter((cause) => cause === 'mqtt').length > before, 'a frame for the sensor', 20_000);
  expect(await framegate(['camera', 'trigger', 'front', '-c', file, '--duration', '1s'])).toMatchObject({
    ...{ code: 0, stdout: '', stderr: 'frames of front are sent to the model for 1 s\n' },
  });
  await until(() => causes().includes('interval'), 'a frame because of the time', 20_000);
  const { trigger, inference: account } = await front();
  expect(trigger.frames).toMatchObject({ motion: 0, onvif: 0, api: expect.any(Number) });
  expect(Object.values(trigger.frames).reduce((sum, count) => sum + count, 0)).toBe(account.triggered);
  expect(JSON.parse(broker.on('framegate/site/front/events')[0] ?? '{}')).toMatchObject({ label: 'person' });
  const metrics = await (await api('/metrics')).text();
  expect(metrics).toMatch(/framegate_frames_triggered_by_total\{camera="front",trigger="api"\} \d/);
});

test('a camera of which only keyframes are decoded is woken, and sleeps again', async () => {
  const { start, api, front } = await site();
  start();
  const state = async (wanted: string, ms: number) => {
    const deadline = performance.now() + ms;
    while ((await front().catch(() => undefined))?.decode?.state !== wanted) {
      if (performance.now() > deadline) throw new Error(`not ${wanted} within ${ms} ms`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  await state('idle', 60_000);
  const { seen } = (await front()).frames;
  await api('/api/cameras/front/trigger', { method: 'POST', body: '{"duration":"4s"}' });
  await state('awake', 5000);
  await until(() => causes().filter((cause) => cause === 'api').length >= 4, 'a frame a second', 20_000);
  expect((await front()).frames.seen - seen).toBeGreaterThan(8);
  await state('idle', 20_000);
}, 120_000);

test('what makes no sense is refused, with the reason', async () => {
  const { start, api, file, online } = await site();
  await publishTo(broker.url, 'framegate/site/front/set/detect', 'OFF', true);
  const gateway = start();
  await online();
  for (const [path, init, code] of [
    ['/api/cameras/back/trigger', { method: 'POST' }, 409],
    ['/api/cameras/front/trigger', { method: 'POST', body: '{"duration":"9d"}' }, 400],
    ['/api/cameras/front/trigger', { method: 'POST', body: '{"time":1}' }, 400],
    ['/api/cameras/front/trigger', { method: 'POST', body: '{' }, 400],
    ['/api/cameras/front/trigger', { method: 'POST', headers: { origin: 'http://evil.example' } }, 403],
    ['/api/cameras/front/switches', patch({ colour: 'red' }), 409],
    ['/api/cameras/front/switches', patch({ motion: 'maybe' }), 409],
    ['/api/cameras/front/switches', patch({}), 400],
    ['/api/cameras/back', {}, 404],
  ] as const) {
    const reply = await api(path, init);
    expect([path, reply.status, await reply.json()]).toEqual([path, code, { error: expect.stringMatching(/\w+/) }]);
  }
  await publishTo(broker.url, 'framegate/site/front/trigger', 'now');
  await gateway.line(/command refused.*/);
  await publishTo(broker.url, 'framegate/site/front/set/motion_sensitivity', 'extreme');
  await gateway.line(/set\/motion_sensitivity.*expected low, medium, high/);
  await publishTo(broker.url, 'framegate/site/front/set/colour', 'red');
  await gateway.line(/there is no switch colour/);
  // Kept by the broker since before the start: nobody knows whether it still holds.
  await gateway.line(/set\/detect.*it is retained/);
  expect(broker.retained.get('framegate/site/front/detect')).toBe('ON');
  expect((await framegate(['camera', 'trigger', 'back', '-c', file])).stderr).toMatch(/camera back is unknown/);
  expect(causes()).toEqual([]);
});

test('a camera’s own motion opens the gate, also after its subscription was lost, and the password shows nowhere', async () => {
  const onvif = await forTest(OnvifCamera.start());
  onvif.clockOffsetMs = 5 * 3_600_000;
  const { start, front, online, status } = await site({ trigger: { onvif: { enabled: true, url: onvif.url } } });
  const gateway = start();
  await online();
  await gateway.line(/listening to the events of the camera/);
  onvif.motion(true);
  await until(() => causes().includes('onvif'), 'a frame', 20_000);
  expect((await front()).trigger).toMatchObject({
    openedBy: ['onvif'],
    onvif: { state: 'listening', motion: true, topics: ['RuleEngine/CellMotionDetector/Motion'] },
  });
  onvif.motion(false);
  await until(() => onvif.requests.length > 0, 'heard');
  const before = onvif.subscriptions;
  onvif.dropSubscriptions();
  await gateway.line(/the events of the camera are not heard/);
  await until(() => onvif.subscriptions > before, 'it subscribes again', 20_000);
  const sent = causes().length;
  onvif.motion(true);
  await until(() => causes().length > sent, 'another frame', 20_000);
  await onvif.close();
  await until(() => gateway.lines.some((line) => /ONVIF service cannot be reached/.test(line)), 'it is told', 20_000);
  expect((await front()).state).toBe('online');
  const said = JSON.stringify([gateway.lines, await status(), broker.received.map(({ text }) => text)]);
  expect(said).not.toMatch(/s3cret/);
});

test('switches work at once, are told, and outlive a restart', async () => {
  const { start, api, front, online, folder } = await site();
  const gateway = start();
  await online();
  const told = (key: string) => broker.retained.get(`framegate/site/front/${key}`);
  await until(() => told('enabled') === 'ON' && told('motion/state') === 'ON', 'the switches are told');
  expect([told('detect'), told('motion_sensitivity')]).toEqual(['ON', 'medium']);

  await publishTo(broker.url, 'framegate/site/front/set/detect', 'OFF');
  await until(() => told('detect') === 'OFF', 'detect is off');
  const refused = await api('/api/cameras/front/trigger', { method: 'POST' });
  expect([refused.status, await refused.json()]).toMatchObject([409, { error: /sends nothing to the model/ }]);
  const accepted = camera.stats.accepted;
  await publishTo(broker.url, 'framegate/site/front/set/motion_sensitivity', 'high');
  await until(() => told('motion_sensitivity') === 'high', 'the sensitivity is told');
  expect(camera.stats.accepted).toBe(accepted);

  const off = await api('/api/cameras/front/switches', patch({ enabled: false }));
  expect([off.status, await off.json()]).toMatchObject([
    200,
    { enabled: false, overridden: ['enabled', 'detect', 'motion_sensitivity'] },
  ]);
  await until(() => camera.connections === 0, 'the camera is left');
  await until(() => told('availability') === 'offline', 'it is told');
  expect(await front()).toMatchObject({ state: 'disabled' });
  expect((await (await api('/readyz')).json()) as object).toMatchObject({ status: 'ready' });

  expect(await gateway.end()).toBe(0);
  expect(JSON.parse(await readFile(join(folder, 'data', 'switches-site.json'), 'utf8')).cameras).toEqual({
    front: { detect: false, motion_sensitivity: 'high', enabled: false },
  });
  const again = start();
  await again.line(/gateway started/);
  await until(() => broker.retained.get('framegate/site/status') === 'online', 'it is back');
  await until(() => told('enabled') === 'OFF' && told('detect') === 'OFF', 'the switches are told again');
  expect(camera.connections).toBe(0);
  await publishTo(broker.url, 'framegate/site/front/set/enabled', 'ON');
  await online();
  expect((await front()).switches?.overridden).toEqual(['detect', 'motion_sensitivity']);
});

test('without motion nothing is judged, until it is switched on again', async () => {
  const clip = await makeClip({ seconds: 63, fps: 10, gop: 10, motion: [[3, 63]] });
  const busy = await forTest(openRtspCamera({ file: clip.file, codec: 'h264', fps: clip.fps }));
  const { start, api, online } = await site({ url: busy.url });
  start();
  await online();
  const motion = () => broker.retained.get('framegate/site/front/motion');
  await until(() => motion() === 'ON' && causes().length > 0, 'motion', 30_000);
  await api('/api/cameras/front/switches', patch({ motion: false }));
  await until(() => motion() === 'OFF', 'the gate is shut');
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const before = causes().length;
  await new Promise((resolve) => setTimeout(resolve, 2500));
  expect([motion(), causes().length]).toEqual(['OFF', before]);
  await api('/api/cameras/front/switches', patch({ motion: true }));
  await until(() => motion() === 'ON' && causes().length > before, 'motion is seen again', 30_000);
  expect(new Set(causes())).toEqual(new Set(['motion']));
});

test('status says how the gateway and its cameras are', async () => {
  const { start, api, file, online } = await site({ trigger: { duration: '1s' } });
  const down = await framegate(['status', '-c', file]);
  expect(down).toMatchObject({ code: 1, stdout: '', stderr: /no gateway answers at http:\/\/127.0.0.1.*start it/ });
  start();
  await online();
  await api('/api/cameras/front/trigger', { method: 'POST' });
  await until(() => causes().length > 0, 'a frame', 20_000);
  const { code, stdout } = await framegate(['status', '-c', file]);
  expect(code).toBe(0);
  for (const text of [
    /gateway +site, framegate/,
    /broker +connected/,
    /inference +coco\/1/,
    /front +online/,
    /api \d/,
    /asked +127\.0\.0\.1:\d+: \d+ requests, /,
  ])
    expect(stdout).toMatch(text);
  const json = JSON.parse((await framegate(['status', '-c', file, '--json'])).stdout);
  expect(json.cameras.front.state).toBe('online');
});
