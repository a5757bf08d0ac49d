/**
 * What an hour of trouble leaves behind: nothing.
 */
import { getEventListeners } from 'node:events';
import { readdirSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, onTestFinished, test } from 'vitest';
import { openRtspCamera } from '../../src/demo/rtsp-camera/rtsp-camera.ts';
import { createFfmpegFinder } from '../../src/ffmpeg/build.ts';
import { motionConfig } from '../../src/motion/config.ts';
import { createMotionDetector } from '../../src/motion/detector.ts';
import { decodeConfig, type Transport } from '../../src/source/config.ts';
import { DecoderPool } from '../../src/source/decode/decoder-pool.ts';
import { createRtspSource } from '../../src/source/rtsp-source.ts';
import { type ClipOptions, makeClip } from '../helpers/clips.ts';
import { until } from '../helpers/until.ts';
import { children } from './decoders.ts';

/** A camera that drops its session each minute, for an hour. */
const SESSIONS = 60;
/** Each takes the seven seconds that a camera needs to see something, and to fall asleep again. */
const WAKES = 4;
/** Timers of the camera and of the test come and go. */
const MAX_RESOURCES = 4;
/** Memory that may be in use afterwards beyond what was before: caches, compiled code. */
const MAX_GROWTH_MB = 8;

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGCHLD', 'exit', 'uncaughtException', 'unhandledRejection'] as const;

interface Holdings {
  readonly children: number;
  readonly descriptors: number;
  readonly resources: number;
  readonly listeners: number;
  readonly megabytes: number;
}

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** What this process holds, after a look around for garbage. */
function holdings(signal: AbortSignal): Holdings {
  collectGarbage();
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return {
    children: children().length,
    descriptors: readdirSync('/proc/self/fd').length,
    resources: process.getActiveResourcesInfo().length,
    listeners:
      getEventListeners(signal, 'abort').length +
      SIGNALS.reduce((sum, name) => sum + process.listenerCount(name as NodeJS.Signals), 0),
    megabytes: (heapUsed + arrayBuffers) / 1024 ** 2,
  };
}

/** Waits until nothing is held beyond `before`: what was closed last may still be on its way out. */
async function expectNothingLeft(before: Holdings, signal: AbortSignal): Promise<void> {
  const left = () => {
    const now = holdings(signal);
    const beyond = (name: keyof Holdings, most = 0) => Math.max(0, now[name] - before[name] - most);
    return {
      children: beyond('children'),
      descriptors: beyond('descriptors'),
      resources: beyond('resources', MAX_RESOURCES),
      listeners: beyond('listeners'),
    };
  };
  const nothing = { children: 0, descriptors: 0, resources: 0, listeners: 0 };
  // What is left then is told by the assertion below.
  await until(() => isDeepStrictEqual(left(), nothing), 'everything is gone', 5000).catch(() => undefined);
  expect(left()).toEqual(nothing);
  expect(holdings(signal).megabytes - before.megabytes).toBeLessThan(MAX_GROWTH_MB);
}

async function openCamera(options: ClipOptions) {
  const clip = await makeClip({ width: 160, height: 120, ...options });
  const camera = await openRtspCamera({ file: clip.file, codec: 'h264', fps: clip.fps });
  onTestFinished(() => camera[Symbol.asyncDispose]());
  const findFfmpeg = createFfmpegFinder();
  await findFfmpeg();
  const pool = new DecoderPool(findFfmpeg);
  onTestFinished(() => pool[Symbol.asyncDispose]());
  const source = ({ transport, mode }: { readonly transport?: Transport; readonly mode: 'auto' | 'always' }) =>
    createRtspSource({
      findFfmpeg,
      pool,
      url: camera.url,
      ...(transport && { transport }),
      decode: decodeConfig.parse({ height: 120, fps: 5, stallTimeout: '2s', mode }),
      observer: { received: () => undefined, dropped: () => undefined },
    });
  return { camera, source };
}

test.each([
  ['native', SESSIONS],
  ['ffmpeg', 6],
] as const)(
  '%s: an hour of sessions that are dropped, by either side',
  { timeout: 240_000 },
  async (transport, sessions) => {
    const { camera, source: open } = await openCamera({ fps: 30, gop: 5, seconds: 1 });
    const source = open({ transport, mode: 'always' });
    const end = new AbortController();
    let lost = 0;
    const session = async (index: number) => {
      let frames = 0;
      try {
        for await (const _ of source.frames(end.signal)) {
          frames += 1;
          if (frames < 2) continue;
          // By the camera, by a reset, or by the caller.
          if (index % 3 === 2) break;
          camera.faults.dropClients({ reset: index % 3 === 1 });
        }
      } catch {
        lost += 1;
      }
      expect(frames).toBeGreaterThanOrEqual(2);
    };
    // What is made once and kept, such as spare decoders and compiled code, is made now.
    for (let index = 0; index < 6; index += 1) await session(index);
    await until(() => camera.connections === 0, 'the camera is left');
    const before = holdings(end.signal);
    lost = 0;
    for (let index = 0; index < sessions; index += 1) await session(index);
    expect(lost).toBe((sessions / 3) * 2);
    await until(() => camera.connections === 0, 'the camera is left');
    await expectNothingLeft(before, end.signal);
  },
);

test('a camera that is woken again and again', { timeout: 180_000 }, async () => {
  // Something moves for four seconds in each twelve: long enough apart to fall asleep in between.
  const { source: open } = await openCamera({ fps: 10, gop: 5, seconds: 12, motion: [[1, 5]] });
  const source = open({ mode: 'auto' });
  const end = new AbortController();
  const detect = createMotionDetector(motionConfig.parse({}));
  const watching = (async () => {
    for await (const frame of source.frames(end.signal)) {
      const { regions, state } = detect(frame);
      source.attend({ at: frame.at, regions, hold: state === 'moving' });
    }
  })();
  const wakes = () => Object.values(source.decoding()?.wakes ?? {}).reduce((sum, count) => sum + count, 0);
  const asleepAfter = (count: number) =>
    until(() => wakes() >= count && source.decoding()?.state === 'idle', `it slept ${count} times`, 120_000);
  await asleepAfter(3);
  const before = holdings(end.signal);
  await asleepAfter(3 + WAKES);
  await expectNothingLeft(before, end.signal);
  end.abort();
  await watching;
});
