/**
 * Tries of everything the gateway needs from outside: for `validate --probe`, `camera test` and `doctor`.
 */
import type { CameraConfig, Config } from '../config/schema.ts';
import { createFfmpegFinder } from '../ffmpeg/build.ts';
import { openInferenceClient } from '../inference/http-client.ts';
import type { LearningConfig } from '../learning/config.ts';
import { Dataset } from '../learning/dataset.ts';
import { describeError } from '../lib/errors.ts';
import type { ProbeResult } from '../lib/probe.ts';
import { Semaphore } from '../lib/semaphore.ts';
import { probeMqtt } from '../mqtt/probe.ts';
import { onvifAddress } from '../onvif/address.ts';
import { openOnvifDevice } from '../onvif/device.ts';
import type { Transport } from '../source/config.ts';
import { probeStream, type StreamInfo } from '../source/probe.ts';

/** Long enough for two keyframes of most cameras, and for a camera that wakes up. */
const WATCH_MS = 15_000;
/** Cameras opened at once. */
const CAMERAS_AT_ONCE = 4;

export interface NamedProbe extends ProbeResult {
  /** What was tried: `camera front`, `inference` or `inference <target>`, `dataset`, `broker`. */
  readonly name: string;
}

/** Tries broker, inference targets, dataset and all enabled cameras side by side. Never rejects. */
export async function probeAll(config: Config, signal: AbortSignal): Promise<NamedProbe[]> {
  const slots = new Semaphore(CAMERAS_AT_ONCE);
  const { learning } = config;
  const cameras = Object.entries(config.cameras).filter(([, { enabled }]) => enabled);
  const probes = await Promise.all([
    named('broker', () => probeMqtt(config.mqtt, signal)),
    probeInferenceOf(config, signal),
    ...(learning ? [named('dataset', () => probeDataset(learning, signal))] : []),
    ...cameras.map(([id, { url, transport }]) =>
      named(`camera ${id}`, async () => {
        using slot = await slots.acquire(signal);
        if (!slot) return { ok: false, message: 'stopped' };
        return { ok: true, message: describeStream(await probeCamera({ url, transport }, config.ffmpeg.path, signal)) };
      }),
    ),
    ...cameras
      .filter(([, { trigger }]) => trigger.onvif.enabled)
      .map(([id, camera]) => named(`camera ${id}, ONVIF`, () => probeOnvif(camera, signal))),
  ]);
  return probes.flat();
}

/** Subscribes to the events of a camera, and gives the subscription back. */
async function probeOnvif({ url, trigger }: CameraConfig, signal: AbortSignal): Promise<ProbeResult> {
  const address = onvifAddress(trigger.onvif, url);
  using device = openOnvifDevice(address);
  const stop = () => device[Symbol.dispose]();
  signal.addEventListener('abort', stop, { once: true });
  try {
    await device.subscribe();
    await device.unsubscribe();
  } finally {
    signal.removeEventListener('abort', stop);
  }
  return { ok: true, message: `tells its events at ${address.host}:${address.port}` };
}

/** Watches a stream for some seconds. Throws ERR_SOURCE_* and ERR_FFMPEG_*. */
export async function probeCamera(
  camera: { readonly url: string; readonly transport?: Transport },
  ffmpegPath: string | undefined,
  signal: AbortSignal,
): Promise<StreamInfo> {
  return probeStream({ ...camera, findFfmpeg: createFfmpegFinder(ffmpegPath), watchMs: WATCH_MS }, signal);
}

/** `h264 1280x720, 25 fps, keyframe every 2 s, 1.8 Mbit/s, native transport` */
export function describeStream({ codec, width, height, fps, gopSeconds, bitrate, transport }: StreamInfo): string {
  return [
    `${codec} ${width}x${height}`,
    fps === undefined ? 'frame rate unknown' : `${fps} fps`,
    gopSeconds === undefined ? 'fewer than two keyframes seen' : `keyframe every ${gopSeconds} s`,
    `${(bitrate / 1e6).toFixed(1)} Mbit/s`,
    `${transport} transport`,
  ].join(', ');
}

/** One for each target. */
async function probeInferenceOf({ inference }: Config, signal: AbortSignal): Promise<NamedProbe[]> {
  await using client = openInferenceClient(inference);
  const probes = await client.probe(signal);
  const isOne = probes.length === 1;
  return probes.map(({ target, ...result }) => ({ name: isOne ? 'inference' : `inference ${target}`, ...result }));
}

async function probeDataset(learning: LearningConfig, signal: AbortSignal): Promise<ProbeResult> {
  await using dataset = new Dataset(learning);
  return await dataset.probe(signal);
}

async function named(name: string, probe: () => Promise<ProbeResult>): Promise<NamedProbe> {
  try {
    return { name, ...(await probe()) };
  } catch (error) {
    return { name, ok: false, message: describeError(error) };
  }
}
