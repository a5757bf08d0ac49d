/**
 * Replays one clip through the code of the live path, for any number of settings at once:
 *
 *   clip -> access units -> decoded once, ahead -> per settings: ring -> decode policy -> watch (motion -> gate -> sampler)
 */
import type { CameraConfig } from '../config/schema.ts';
import type { FfmpegBuild } from '../ffmpeg/build.ts';
import type { InferenceConfig } from '../inference/config.ts';
import { FramegateError } from '../lib/errors.ts';
import type { AccessUnit } from '../source/access-unit.ts';
import { DecoderPool } from '../source/decode/decoder-pool.ts';
import { inspectClip } from './clip-info.ts';
import { codedLuma } from './coded-luma.ts';
import { cpuSeconds } from './cpu-seconds.ts';
import { decodeAhead } from './decode-ahead.ts';
import { DecodedFrames } from './decoded-frames.ts';
import type { ClipOutcome } from './detail.ts';
import { Questions } from './questions.ts';
import { readClip } from './read-clip.ts';
import { Recorder } from './recorder.ts';
import { Shots } from './shots.ts';
import { SimulatedCamera, settle } from './simulated-camera.ts';
import type { Truth } from './truth.ts';
import { turnedSize } from './turn.ts';

export interface ClipJob {
  readonly file: string;
  readonly build: FfmpegBuild;
  /** Sets of settings. All have the same `decode.height`. */
  readonly variants: readonly CameraConfig[];
  readonly truth?: Truth | undefined;
  /** Collect what a report shows, of the first set of settings. */
  readonly wantsDetail: boolean;
  /** Ask this model about the frames that the first set of settings triggers. */
  readonly inference?: InferenceConfig | undefined;
}

/** Told of the seconds of the clip that are done, and of all that it has if it says so. */
export type OnClipProgress = (done: number, all: number | undefined) => void;

/** Throws ERR_CLIP_UNREADABLE, and what ends a decoder. */
export async function replayClip(job: ClipJob, onProgress: OnClipProgress, signal: AbortSignal): Promise<ClipOutcome> {
  const { build, file, variants, truth } = job;
  const before = cpuSeconds();
  const info = await inspectClip(build, file, signal);
  const clip = readClip(build, file, info, signal);
  const next = await clip.units.next();
  signal.throwIfAborted();
  if (next.done) throw new FramegateError('ERR_CLIP_UNREADABLE', `${file} has no picture`, { retryable: false });
  const first = next.value;
  const coded = first.stream;
  const size = turnedSize(coded, info.turn);
  const luma = codedLuma(coded, info.turn, variants[0]?.decode.height ?? 180);
  const frames = new DecodedFrames();
  const outcome = await withPool(build, async (pool) => {
    const shots = new Shots(pool, luma, info.turn, clip.reorders, signal);
    const recorder = job.wantsDetail ? new Recorder(shots, truth?.motion ?? []) : undefined;
    await using questions = job.inference && new Questions(job.inference, shots, signal);
    const witnesses = [recorder, questions].filter((one) => one !== undefined);
    const cameras = variants.map(
      (config, index) => new SimulatedCamera(config, frames, turnedSize(luma, info.turn), index === 0 ? witnesses : []),
    );
    const looks = variants.some(({ decode }) => decode.mode === 'auto');
    const ahead = { build, luma, turn: info.turn, looks, frames, reorders: clip.reorders };
    let count = 0;
    let lastAt = 0;
    for await (const unit of decodeAhead(chain(first, clip.units), ahead)) {
      for (const camera of cameras) camera.take(unit);
      await settle(cameras);
      for (const camera of cameras) camera.pass(unit);
      await shots.develop();
      await questions?.settle();
      count += 1;
      lastAt = unit.at;
      if (count % 25 === 0) onProgress(lastAt / 1000, info.seconds);
    }
    signal.throwIfAborted();
    for (const camera of cameras) await camera.end(lastAt);
    return {
      seconds: lastAt / 1000,
      frames: count,
      runs: cameras.map(({ events, seen, triggered, framesByTime, framesDecoded }) => ({
        ...{ events, seen, triggered, framesByTime, framesDecoded },
      })),
      detail: recorder?.detail(),
      answers: questions?.answers,
    };
  });
  const turnNote = info.turn === 0 ? [] : [`it is turned by ${info.turn} degrees, as players show it`];
  return {
    ...outcome,
    ...{ width: size.width, height: size.height, codec: info.codec },
    notes: [...turnNote, ...clip.notes()],
    cpuSeconds: cpuSeconds() - before,
  };
}

async function withPool<T>(build: FfmpegBuild, work: (pool: DecoderPool) => Promise<T>): Promise<T> {
  await using pool = new DecoderPool(async () => build);
  return await work(pool);
}

async function* chain(first: AccessUnit, rest: AsyncIterable<AccessUnit>): AsyncGenerator<AccessUnit> {
  yield first;
  yield* rest;
}
