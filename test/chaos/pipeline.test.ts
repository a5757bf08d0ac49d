/**
 * The whole gateway: what moves while its decoders die is one event, from its beginning to its end.
 */
import { expect, onTestFinished, test } from 'vitest';
import { gatewayConfig } from '../../src/config/schema.ts';
import { openRtspCamera } from '../../src/demo/rtsp-camera/rtsp-camera.ts';
import { Gateway } from '../../src/gateway.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { Broker } from '../helpers/broker.ts';
import { makeClip } from '../helpers/clips.ts';
import { detections, InferenceServer } from '../helpers/inference-server.ts';
import { until } from '../helpers/until.ts';
import { decoders } from './decoders.ts';

const PERSON = { x: 160, y: 120, width: 60, height: 120, confidence: 0.9, class: 'person' };
/** Seconds of the scene in which something moves. */
const MOTION = [16, 34] as const;

async function startGateway() {
  const clip = await makeClip({ seconds: 90, fps: 10, gop: 20, motion: [MOTION] });
  const camera = await openRtspCamera({ file: clip.file, codec: 'h264', fps: clip.fps, phase: 1.5 });
  const broker = await Broker.start();
  const inference = await InferenceServer.start(detections([PERSON]));
  const config = gatewayConfig.parse({
    gateway: { id: 'site' },
    log: { level: 'error' },
    http: { port: 0 },
    mqtt: { url: broker.url },
    inference: { url: inference.url, deadline: '20s' },
    // Two stops in a row hold frames back for longer than the defaults of `endAfter` and `closeDelay`.
    cameras: {
      front: { url: camera.url, motion: { closeDelay: '10s' }, tracking: { endAfter: '15s' } },
      always: {
        url: camera.url,
        motion: { closeDelay: '10s' },
        tracking: { endAfter: '15s' },
        decode: { mode: 'always' },
      },
    },
  });
  const crashes: unknown[] = [];
  const gateway = new Gateway(config, createLogger(config.log), (error) => crashes.push(error));
  onTestFinished(async () => {
    await gateway[Symbol.asyncDispose]();
    await inference[Symbol.asyncDispose]();
    await broker[Symbol.asyncDispose]();
    await camera[Symbol.asyncDispose]();
  });
  await gateway.apply(config);
  return { camera, broker, gateway, crashes };
}

test.each([
  ['killed', 'SIGKILL'],
  ['stopped', 'SIGSTOP'],
] as const)(
  'all decoders are %s three times while something moves: it is one event per camera',
  {
    timeout: 120_000,
  },
  async (_, signal) => {
    const { camera, broker, gateway, crashes } = await startGateway();
    const events = (id: string) =>
      broker.on(`framegate/site/${id}/events`).map((text) => JSON.parse(text) as { type: string; id: string });
    const cameras = () => Object.entries(gateway.status().cameras);
    const [start, end] = MOTION;
    await until(() => cameras().every(([, { state }]) => state === 'online'), 'the cameras are online', 15_000);
    expect(gateway.status().cameras['always']?.decode?.state).toBe('always');
    for (const seconds of [1, 3, 11]) {
      await until(() => camera.position > start + seconds, 'the scene goes on', 40_000);
      const victims = decoders();
      expect(victims.length).toBeGreaterThan(0);
      for (const pid of victims) process.kill(pid, signal);
    }
    await until(() => camera.position > end, 'the motion is over', 40_000);
    const isOver = (id: string) => events(id).some(({ type }) => type === 'end');
    await until(() => isOver('front') && isOver('always'), 'both events end', 30_000);
    for (const [id, status] of cameras()) {
      expect(status.reconnects, id).toBe(0);
      expect(status.gate, id).toBe('closed');
      const told = events(id);
      expect(new Set(told.map((event) => event.id)).size, id).toBe(1);
      expect([told[0]?.type, told.at(-1)?.type], id).toEqual(['new', 'end']);
      const motion = broker.on(`framegate/site/${id}/motion`);
      expect(motion.slice(motion.indexOf('ON')), id).toEqual(['ON', 'OFF']);
      const { triggered, answered, unknown, inFlight } = status.inference;
      expect(triggered, id).toBe(answered + unknown + inFlight);
    }
    expect(crashes).toEqual([]);
  },
);
