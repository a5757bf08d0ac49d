/**
 * One camera as a part of the gateway: what it is made of, and what is told of one that is switched off.
 */
import { CameraStats, type DropReason } from './camera-stats.ts';
import { CameraTriggers } from './camera-triggers.ts';
import type { CameraConfig } from './config/schema.ts';
import type { CameraTopics } from './events/topics.ts';
import { createFfmpegFinder, type FfmpegBuild } from './ffmpeg/build.ts';
import type { CurrentInference } from './inference/current-inference.ts';
import type { Learner } from './learning/learner.ts';
import { aborted } from './lib/abort.ts';
import { FramegateError } from './lib/errors.ts';
import { supervise } from './lib/supervise.ts';
import { together } from './lib/together.ts';
import type { Inbox } from './mqtt/inbox.ts';
import type { StateStore } from './mqtt/state.ts';
import type { Outbox } from './outbox/outbox.ts';
import { type Answered, createPipeline } from './pipeline.ts';
import { quietSupervision } from './quiet-supervision.ts';
import { Reporter } from './reporter.ts';
import { DecoderPool } from './source/decode/decoder-pool.ts';
import { createPictureStream, withPictures } from './source/picture-stream.ts';
import { createRtspSource } from './source/rtsp-source.ts';
import { sourceSupervision } from './source/supervision.ts';
import { UnitMemory } from './source/unit-memory.ts';
import { SWITCH_KEYS, type SwitchSnapshot } from './switches.ts';
import type { Logger } from './telemetry/logger.ts';

/** What all cameras decode with. */
export interface Media {
  readonly path: string | undefined;
  readonly findFfmpeg: () => Promise<FfmpegBuild>;
  readonly pool: DecoderPool;
  readonly unitMemory: UnitMemory;
}

export function openMedia(path: string | undefined): Media {
  const findFfmpeg = createFfmpegFinder(path);
  return { path, findFfmpeg, pool: new DecoderPool(findFfmpeg), unitMemory: new UnitMemory() };
}

export interface CameraPartOptions {
  readonly id: string;
  readonly camera: CameraConfig;
  readonly topics: CameraTopics;
  /** Topics of the gateway begin with this. */
  readonly ownTopics: string;
  readonly media: Media;
  readonly inference: CurrentInference;
  readonly learner: Learner;
  readonly state: StateStore;
  readonly outbox: Outbox;
  readonly inbox: Inbox;
  readonly stats: CameraStats;
  readonly switches: () => SwitchSnapshot;
  readonly logger: Logger;
  /** Told what opens the gate from outside while the camera is watched, and undefined at the end. */
  readonly onTriggers: (triggers: CameraTriggers | undefined) => void;
}

/** Watches the camera until `signal` aborts. */
export async function watchCamera(options: CameraPartOptions, signal: AbortSignal): Promise<void> {
  const { id, camera, topics, media, inference, learner, state, outbox, inbox, stats, switches, logger } = options;
  const { url, transport, decode } = camera;
  const reporter = new Reporter({ camera: { id, topics }, state, outbox, stats, logger });
  const observer = {
    received: (bytes: number) => stats.received(bytes),
    dropped: (reason: DropReason) => stats.dropped(reason),
    decoderReplaced: (reason: string) => logger.warn({ reason }, 'decoder replaced'),
  };
  const watched = createRtspSource({ ...media, url, transport, decode, observer });
  const pictures =
    camera.pictures &&
    createPictureStream({
      ...media,
      url: camera.pictures.url,
      transport,
      stallTimeoutMs: decode.stallTimeout,
      lumaHeight: decode.height,
    });
  const source = pictures ? withPictures(watched, pictures) : watched;
  const { ownTopics } = options;
  const wake = (until: number) => source.wake(until);
  const triggers = new CameraTriggers({ config: camera, inbox, ownTopics, logger, wake });
  stats.decoding = () => source.decoding();
  stats.pictures = () => pictures?.snapshot();
  stats.triggers = () => ({ openedBy: triggers.gate.openedBy, onvif: triggers.onvif() });
  options.onTriggers(triggers);
  try {
    const learn = ({ frame, picture, verdict, followed }: Answered) =>
      learner.offer({
        ...{ camera: id, time: frame.time, model: verdict.model, jpeg: picture.jpeg, followed },
        ...{ detections: verdict.detections, motion: frame.motion, confidence: inference.active.config.confidence },
      });
    const pipeline = createPipeline(camera, { source, inference, reporter, stats, triggers, switches, learn });
    await together(
      signal,
      pipeline,
      (ended) => triggers.run(ended),
      async (ended) => {
        if (!pictures) return aborted(ended);
        const lost = 'the stream of the pictures is lost: they come from the one that is watched';
        const supervision = sourceSupervision(quietSupervision(logger, lost).onFailure);
        await supervise((stopped) => pictures.run(stopped), ended, supervision);
      },
    );
  } finally {
    options.onTriggers(undefined);
    stats.triggers = () => ({ openedBy: [], onvif: undefined });
  }
}

/** Says that the camera is off, until `signal` aborts. */
export async function leaveCamera(
  { topics, state, stats }: Pick<CameraPartOptions, 'topics' | 'state' | 'stats'>,
  signal: AbortSignal,
): Promise<void> {
  state.set(topics.availability, 'offline');
  state.set(topics.motion, 'OFF');
  stats.state = 'disabled';
  stats.problem = undefined;
  stats.decoding = () => undefined;
  stats.pictures = () => undefined;
  await aborted(signal);
}

/** Tells what the switches of a camera are set to. */
export function tellSwitches(topics: CameraTopics, switches: SwitchSnapshot, state: StateStore): void {
  for (const key of SWITCH_KEYS) {
    const value = switches[key];
    state.set(topics.switch(key), typeof value === 'string' ? value : value ? 'ON' : 'OFF');
  }
}

/** The figures of a camera, which go on over its restarts. */
export function statsOf(all: Map<string, CameraStats>, id: string, switches: () => SwitchSnapshot): CameraStats {
  const stats = all.get(id) ?? new CameraStats();
  all.set(id, stats);
  stats.switches = switches;
  return stats;
}

/** What opens the gate of a camera. Throws ERR_GATEWAY_REFUSED, with the reason, if it can send nothing now. */
export function reachable(
  camera: string,
  detect: boolean,
  all: ReadonlyMap<string, CameraStats>,
  watched: ReadonlyMap<string, CameraTriggers>,
): CameraTriggers {
  const refused = (reason: string, hint: string) =>
    new FramegateError('ERR_GATEWAY_REFUSED', `camera ${camera} ${reason}`, { hint, retryable: false });
  const stats = all.get(camera);
  if (!stats) throw refused('is unknown', `known are ${[...all.keys()].join(', ') || 'none yet'}`);
  const triggers = watched.get(camera);
  if (!triggers) throw refused('is switched off', 'switch it on first (enabled)');
  if (!detect) throw refused('sends nothing to the model', 'switch detect on first');
  if (stats.state !== 'online') throw refused('is offline', stats.problem ?? 'wait until it is connected');
  return triggers;
}
