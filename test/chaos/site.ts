/**
 * Some cameras on one gateway, as the gateway runs them: real RTSP, one decoder pool, motion on every frame, sessions restarted by the
 * supervisor.
 */
import { expect, onTestFinished } from 'vitest';
import { openRtspCamera, type RtspCamera, type RtspCameraOptions } from '../../src/demo/rtsp-camera/rtsp-camera.ts';
import { createFfmpegFinder } from '../../src/ffmpeg/build.ts';
import { supervise } from '../../src/lib/supervise.ts';
import { motionConfig } from '../../src/motion/config.ts';
import { createMotionDetector } from '../../src/motion/detector.ts';
import { createGate } from '../../src/motion/gate.ts';
import { decodeConfig } from '../../src/source/config.ts';
import { DecoderPool } from '../../src/source/decode/decoder-pool.ts';
import { createRtspSource } from '../../src/source/rtsp-source.ts';
import type { Source } from '../../src/source/source.ts';
import { sourceSupervision } from '../../src/source/supervision.ts';
import { type Clip, type ClipOptions, makeClip } from '../helpers/clips.ts';
import { until } from '../helpers/until.ts';
import { KEYFRAMES_PER_LOOK, type RecoveryTime, recoveryMs } from './recovery-times.ts';

/** Frames a second that motion looks at, while everything is decoded. */
export const LOOKS = 5;

export interface CameraSetup {
  readonly clip?: ClipOptions;
  /** Plays this instead of `clip`, which then says what it is like. */
  readonly file?: string;
  readonly camera?: Partial<RtspCameraOptions>;
  /** As in the config. */
  readonly decode?: object;
}

export interface SeenFrame {
  readonly at: number;
  /** When it was handed to motion. */
  readonly seenAt: number;
  readonly size: string;
}

export interface WatchedCamera {
  readonly clip: Clip;
  readonly camera: RtspCamera;
  readonly source: Source;
  readonly frames: readonly SeenFrame[];
  readonly dropped: Readonly<Record<string, number>>;
  /** Why each session was lost. */
  readonly lost: readonly unknown[];
  /** Moments at which the gate opened and closed. */
  readonly gate: ReadonlyArray<{ readonly open: boolean; readonly at: number }>;
}

const QUICK = { width: 160, height: 120, fps: 10, gop: 10, seconds: 4 } as const;

/** Opens the cameras, one after the other, and watches them until the test is over. */
export async function openSite(setups: readonly CameraSetup[]): Promise<readonly WatchedCamera[]> {
  const findFfmpeg = createFfmpegFinder();
  const pool = new DecoderPool(findFfmpeg);
  const end = new AbortController();
  const running: Promise<void>[] = [];
  const cameras: RtspCamera[] = [];
  onTestFinished(async () => {
    end.abort();
    await Promise.all(running);
    await pool[Symbol.asyncDispose]();
    for (const camera of cameras) await camera[Symbol.asyncDispose]();
  });
  const site: WatchedCamera[] = [];
  for (const setup of setups) {
    const clip = await makeClip({ ...QUICK, ...setup.clip });
    const options = { file: setup.file ?? clip.file, codec: clip.codec, fps: clip.fps, ...setup.camera };
    const camera = await openRtspCamera(options);
    cameras.push(camera);
    const dropped: Record<string, number> = {};
    const source = createRtspSource({
      findFfmpeg,
      pool,
      url: camera.urlWithCredentials,
      decode: decodeConfig.parse({ fps: LOOKS, height: 120, stallTimeout: '2s', ...setup.decode }),
      observer: {
        received: () => undefined,
        dropped: (reason) => {
          dropped[reason] = (dropped[reason] ?? 0) + 1;
        },
      },
    });
    const watched = { clip, camera, source, dropped, frames: [], lost: [], gate: [] };
    running.push(watch(watched, end.signal));
    site.push(watched);
  }
  return site;
}

interface Records extends WatchedCamera {
  readonly frames: SeenFrame[];
  readonly lost: unknown[];
  readonly gate: Array<{ open: boolean; at: number }>;
}

function watch({ source, frames, lost, gate: changes }: Records, signal: AbortSignal): Promise<void> {
  const detect = createMotionDetector(motionConfig.parse({}));
  const gate = createGate(motionConfig.parse({ closeDelay: '3s' }));
  const session = async (ended: AbortSignal) => {
    for await (const frame of source.frames(ended)) {
      frames.push({ at: frame.at, seenAt: performance.now(), size: `${frame.width}x${frame.height}` });
      const motion = detect(frame);
      const change = gate.push(motion, frame.at);
      if (change) changes.push(change);
      const hold = (gate.open && motion.state === 'moving') || motion.state === 'scene_change';
      source.attend({ at: frame.at, regions: motion.regions, hold });
    }
  };
  return supervise(
    session,
    signal,
    sourceSupervision((error) => lost.push(error)),
  );
}

export const gopMs = ({ clip }: WatchedCamera) => (clip.gop / clip.fps) * 1000;

/** Waits until each camera gave frames for a while, all of them `state` if given; returns that moment. */
export async function settled(site: readonly WatchedCamera[], state?: 'idle'): Promise<number> {
  const isSettled = ({ frames, source }: WatchedCamera) =>
    frames.length > LOOKS && (state === undefined || source.decoding()?.state === state);
  await until(
    () => site.every(isSettled),
    `all cameras are ${state ?? 'there'}: ${JSON.stringify(states(site))}`,
    40_000,
  );
  return performance.now();
}

/** Waits until frames of after `since` come, for a second without a gap where everything is decoded, and no later than promised. */
export async function expectRecovery(camera: WatchedCamera, since: number, promise: RecoveryTime): Promise<void> {
  const within = recoveryMs(promise, gopMs(camera));
  const isIdle = () => camera.source.decoding()?.state === 'idle';
  const recovered = () =>
    camera.frames.find(({ at }, index) => {
      if (at <= since) return false;
      return isIdle() || (camera.frames[index + LOOKS]?.at ?? Number.POSITIVE_INFINITY) - at < 1500;
    });
  await until(() => recovered() !== undefined, 'frames come again', within + 2000);
  expect((recovered()?.seenAt ?? 0) - since).toBeLessThan(within);
}

/** The longest step from frame to frame from the last one before `since` on, in ms of the stream. */
export function longestStep({ frames }: WatchedCamera, since: number): number {
  const first = Math.max(
    0,
    frames.findLastIndex(({ at }) => at <= since),
  );
  const steps = frames.slice(first + 1).map(({ at }, index) => at - (frames[first + index]?.at ?? 0));
  return Math.max(0, ...steps);
}

/** Checks that since `since` frames came without a gap of more than the promise allows. */
export function expectFrames(camera: WatchedCamera, since: number, missingGops: number): void {
  const isIdle = camera.source.decoding()?.state === 'idle';
  const usual = isIdle ? (KEYFRAMES_PER_LOOK + 0.5) * gopMs(camera) : (2.2 * 1000) / LOOKS;
  expect(longestStep(camera, since)).toBeLessThan(usual + missingGops * gopMs(camera));
}

/** Checks that the other cameras lost nothing at all since `since`. */
export function expectUntouched(cameras: readonly WatchedCamera[], since: number): void {
  for (const camera of cameras) {
    expect([camera.lost, camera.dropped]).toEqual([[], {}]);
    expectFrames(camera, since, 0);
    expect(performance.now() - (camera.frames.at(-1)?.at ?? 0)).toBeLessThan(
      (KEYFRAMES_PER_LOOK + 0.5) * gopMs(camera) + 2000,
    );
  }
}

/** Checks that frames are in order: whatever a camera's clock does, time does not go back. */
export function expectOrder({ frames }: WatchedCamera): void {
  const ats = frames.map(({ at }) => at);
  expect(ats).toEqual(ats.toSorted((a, b) => a - b));
}

/** Decoders of the camera that were replaced within the session. */
export const restartsOf = ({ source }: WatchedCamera) => source.decoding()?.restarts;

export const states = (site: readonly WatchedCamera[]) =>
  site.map(({ source, frames, lost, dropped }) => ({
    decoding: source.decoding(),
    frames: frames.length,
    lost: lost.map(String),
    dropped,
  }));
