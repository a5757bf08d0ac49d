/**
 * `framegate demo`: everything that a site has, on one machine and with one command. The camera and the broker are embedded, the inference
 * service is a process of its own, and the gateway runs on a config file like any other.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { runGateway } from '../daemon.ts';
import { findFfmpeg } from '../ffmpeg/build.ts';
import type { GatewayStatus } from '../gateway-status.ts';
import { LinkedAbort } from '../lib/abort.ts';
import { buildCoco } from '../models/build-coco.ts';
import { type ModelStore, openStore } from '../models/store.ts';
import { createNotifier } from '../telemetry/systemd.ts';
import { openBroker } from './broker.ts';
import { startInference } from './inference-process.ts';
import { openRtspCamera } from './rtsp-camera/rtsp-camera.ts';
import { makeScene } from './scene.ts';
import { summarise } from './summary.ts';

const MODEL = 'coco/1';
const GATEWAY = 'demo';
const CAMERA = 'yard';

export interface DemoOptions {
  /** Without it the demo runs until `signal` aborts. */
  readonly durationMs?: number;
  /** Where models and the scene are kept between runs. */
  readonly dataDir: string;
  readonly print: (line: string) => void;
}

export async function runDemo({ durationMs, dataDir, print }: DemoOptions, signal: AbortSignal): Promise<void> {
  const step = (name: string, text: string) => print(`  ${name.padEnd(11)}${text}`);
  print('Framegate demo: everything on this machine, ends with Ctrl-C\n');
  const { path: ffmpeg } = await findFfmpeg();
  step('model', await prepareModel(openStore(join(dataDir, 'models')), signal));
  const scene = await makeScene({ directory: join(dataDir, 'demo'), ffmpeg, signal });
  step(
    'scene',
    `${scene.seconds} s of ${scene.width}x${scene.height}, ${scene.fps} frames a second, somebody walks through ${scene.visits.length} times`,
  );
  await using inference = await startInference(dataDir, signal);
  step('inference', `${inference.url}  (process ${inference.pid})`);
  await using camera = await openRtspCamera({ file: scene.file, codec: 'h264', fps: scene.fps });
  step('camera', camera.url);
  await using broker = await openBroker();
  const port = new URL(broker.url).port;
  step('mqtt', `${broker.url}  (mosquitto_sub -p ${port} -v -t 'framegate/${GATEWAY}/${CAMERA}/events')`);
  const directory = await mkdtemp(join(tmpdir(), 'framegate-demo-'));
  let status: GatewayStatus | undefined;
  broker.onMessage((topic, payload) => {
    if (topic.endsWith('/events')) print(describeEvent(JSON.parse(payload.toString())));
    if (topic.endsWith('/stats')) status = JSON.parse(payload.toString());
  });
  try {
    const configFile = join(directory, 'framegate.yaml');
    await writeFile(configFile, stringify(demoConfig(broker.url, inference.url, camera.url)), { mode: 0o600 });
    print('\nEvents, as they are published:\n');
    if (signal.aborted) return;
    using link = new LinkedAbort(signal, durationMs);
    await runGateway({ configFile, notifier: createNotifier({}), onHangup: () => undefined }, link.signal);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  if (status) print(`\nSummary\n\n${summarise(status)}`);
}

async function prepareModel(store: ModelStore, signal: AbortSignal): Promise<string> {
  const installed = (await store.list()).models.some(({ ref }) => ref === MODEL);
  if (installed) return `${MODEL}, made earlier`;
  const startedAt = performance.now();
  await buildCoco({ store, signal });
  return `${MODEL}, made from npm:@vladmandic/human in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
}

function demoConfig(mqttUrl: string, inferenceUrl: string, cameraUrl: string) {
  return {
    gateway: { id: GATEWAY },
    log: { level: 'warn' },
    http: { port: 0 },
    mqtt: { url: mqttUrl, statsInterval: '1s' },
    inference: { url: inferenceUrl, model: MODEL },
    cameras: {
      [CAMERA]: {
        url: cameraUrl,
        zones: {
          left: {
            polygon: [
              [0, 0],
              [0.5, 0],
              [0.5, 1],
              [0, 1],
            ],
          },
          right: {
            polygon: [
              [0.5, 0],
              [1, 0],
              [1, 1],
              [0.5, 1],
            ],
          },
        },
      },
    },
  };
}

interface PublishedEvent {
  readonly type: string;
  readonly camera: string;
  readonly label: string;
  readonly score: number;
  readonly zones: readonly string[];
  readonly time: string;
}

function describeEvent({ type, camera, label, score, zones, time }: PublishedEvent): string {
  const now = new Date();
  const row = [
    now.toTimeString().slice(0, 8),
    camera,
    type.padEnd(6),
    label,
    `score ${score.toFixed(2)}`,
    `zone ${zones.join('+') || '-'}`.padEnd(16),
  ];
  // The time of an end is that of the last frame with the object in it, long before it is known to be gone.
  const latency = type === 'end' ? '' : `latency ${now.getTime() - Date.parse(time)} ms`;
  return `  ${[...row, latency].join('  ').trimEnd()}`;
}
