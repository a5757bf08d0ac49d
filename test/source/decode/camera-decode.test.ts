/**
 * Adaptive decode over real RTSP with real decoders: what it finds, and when.
 */
import sharp from 'sharp';
import { expect, onTestFinished, test } from 'vitest';
import { openRtspCamera } from '../../../src/demo/rtsp-camera/rtsp-camera.ts';
import { createFfmpegFinder } from '../../../src/ffmpeg/build.ts';
import { motionConfig } from '../../../src/motion/config.ts';
import { createMotionDetector } from '../../../src/motion/detector.ts';
import { createGate } from '../../../src/motion/gate.ts';
import { decodeConfig } from '../../../src/source/config.ts';
import { DecoderPool } from '../../../src/source/decode/decoder-pool.ts';
import type { LumaFrame, Picture } from '../../../src/source/frame.ts';
import { createRtspSource } from '../../../src/source/rtsp-source.ts';
import type { Source } from '../../../src/source/source.ts';
import { type ClipOptions, makeClip } from '../../helpers/clips.ts';

interface Seen {
  readonly frames: LumaFrame[];
  /** Scene seconds of the frame that opened the gate, and of the moment that was known. */
  readonly openings: Array<{ readonly frame: number; readonly known: number }>;
  readonly states: string[];
  readonly source: Source;
  readonly snapshot: () => ReturnType<ReturnType<typeof createRtspSource>['decoding']>;
}

/** Watches a clip for a while, as the pipeline does. `act` is called for every frame. */
async function watch(
  options: ClipOptions,
  seconds: number,
  overrides: object,
  act: (seen: Seen, scene: number) => void = () => undefined,
): Promise<Seen> {
  const clip = await makeClip(options);
  const camera = await openRtspCamera({ file: clip.file, codec: clip.codec, fps: clip.fps });
  onTestFinished(() => camera[Symbol.asyncDispose]());
  const findFfmpeg = createFfmpegFinder();
  const pool = new DecoderPool(findFfmpeg);
  onTestFinished(() => pool[Symbol.asyncDispose]());
  const decode = decodeConfig.parse({ height: 120, ...overrides });
  const source = createRtspSource({
    findFfmpeg,
    pool,
    url: camera.url,
    decode,
    observer: { received: () => undefined, dropped: () => undefined },
  });
  const sceneStart = performance.now() - camera.position * 1000;
  const detect = createMotionDetector(motionConfig.parse({}));
  const gate = createGate(motionConfig.parse({ closeDelay: '1s' }));
  const seen: Seen = { frames: [], openings: [], states: [], source, snapshot: () => source.decoding() };
  const end = new AbortController();
  const timer = setTimeout(() => end.abort(), seconds * 1000);
  const states = setInterval(() => {
    const state = source.decoding()?.state;
    if (state && !end.signal.aborted && seen.states.at(-1) !== state) seen.states.push(state);
  }, 20);
  try {
    for await (const frame of source.frames(end.signal)) {
      seen.frames.push(frame);
      const motion = detect(frame);
      const change = gate.push(motion, frame.at);
      if (change?.open)
        seen.openings.push({ frame: (frame.at - sceneStart) / 1000, known: (performance.now() - sceneStart) / 1000 });
      source.attend({ at: frame.at, regions: motion.regions, hold: gate.open && motion.state === 'moving' });
      act(seen, (frame.at - sceneStart) / 1000);
    }
  } finally {
    clearTimeout(timer);
    clearInterval(states);
  }
  return seen;
}

const inOrder = (frames: readonly LumaFrame[]) =>
  frames.every(({ at }, index) => index === 0 || at > (frames[index - 1]?.at ?? 0));

test('an idle camera shows keyframes only, and what lay between two of them is seen in order once something moves', {
  timeout: 60_000,
}, async () => {
  // Motion begins between two keyframes, at 32 s and 34 s, and is still there at the second one.
  const seen = await watch({ fps: 10, gop: 20, seconds: 60, motion: [[32.3, 34.7]] }, 40, {});
  expect(seen.states.slice(0, 4)).toEqual(['always', 'awake', 'idle', 'awake']);
  expect(seen.openings).toHaveLength(1);
  const [opening] = seen.openings;
  expect(opening?.frame).toBeGreaterThan(32.2);
  expect(opening?.frame).toBeLessThan(33.6);
  expect((opening?.known ?? 0) - 32.3).toBeLessThan(3);
  expect(inOrder(seen.frames.slice(12))).toBe(true);
  // Some 20 s of start at 5 a second, keyframes until 32 s, some seconds awake.
  expect(seen.frames.length).toBeLessThan(40 * 5 * 0.9);
  expect(seen.snapshot()).toBeUndefined();
});

test('a picture that was ordered in advance is the one of its frame, and costs no decoding of its own', {
  timeout: 40_000,
}, async () => {
  const orders: Array<{ readonly at: number; readonly picture: Promise<Picture> }> = [];
  await watch({ fps: 10, gop: 20, seconds: 60, motion: [[0, 60]] }, 8, { mode: 'always' }, ({ frames, source }) => {
    const frame = frames.at(-1);
    if (!frame || frames.length < 5) return;
    orders.push({ at: frame.at, picture: source.capture(frame)(AbortSignal.timeout(5000)) });
    source.order(frame.at + 1);
  });
  const pictures = await Promise.all(orders.map(({ picture }) => picture));
  expect(pictures.length).toBeGreaterThan(10);
  for (const [index, { jpeg, at }] of pictures.entries()) {
    expect(at).toBe(orders[index]?.at);
    expect((await sharp(jpeg).metadata()).format).toBe('jpeg');
  }
});

test('where the user wants it, everything is decoded all the time', { timeout: 40_000 }, async () => {
  const seen = await watch({ fps: 10, gop: 20, seconds: 60, motion: 'none' }, 18, { mode: 'always' });
  expect(seen.states).toEqual(['always']);
  expect(seen.frames.length).toBeGreaterThan(14 * 5);
});

test('keyframes that come too seldom for the promise are no reason to be blind', { timeout: 40_000 }, async () => {
  let reason = '';
  const seen = await watch({ fps: 10, gop: 60, seconds: 60, motion: 'none' }, 22, {}, ({ snapshot }) => {
    reason = snapshot()?.reason ?? reason;
  });
  expect(seen.states).not.toContain('idle');
  expect(reason).toMatch(/keyframes come every 6\.0s only, and packets are not trusted/);
});

test('while nobody looks for motion only keyframes are decoded, whatever moves; afterwards it is as before', {
  timeout: 60_000,
}, async () => {
  let paused = 0;
  let wakes = 0;
  const seen = await watch(
    { fps: 10, gop: 20, seconds: 60, motion: [[0, 60]] },
    30,
    {},
    ({ source, states, snapshot, frames }, scene) => {
      source.pause(scene > 12 && scene < 22);
      if (scene > 14 && scene < 22) {
        paused = frames.length;
        wakes = Object.values(snapshot()?.wakes ?? {}).reduce((sum, count) => sum + count, 0);
        expect(states.at(-1)).toBe('idle');
        expect(snapshot()?.reason).toBe('motion is switched off');
      }
    },
  );
  const before = seen.frames.filter((_, index) => index < paused);
  // 12 s at 5 a second, then a keyframe every 2 s.
  expect(before.length).toBeLessThan(14 * 5 + 8);
  expect(wakes).toBe(1);
  expect(seen.states.at(-1)).toBe('awake');
  expect(seen.frames.length - paused).toBeGreaterThan(20);
});
