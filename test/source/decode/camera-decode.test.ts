/**
 * Adaptive decode over real RTSP with real decoders: what it finds, and when.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { openRtspCamera } from '../../../src/demo/rtsp-camera/rtsp-camera.ts';
import { createFfmpegFinder } from '../../../src/ffmpeg/build.ts';
import { motionConfig } from '../../../src/motion/config.ts';
import { createMotionDetector } from '../../../src/motion/detector.ts';
import { createGate } from '../../../src/motion/gate.ts';
import { decodeConfig } from '../../../src/source/config.ts';
import { DecoderPool } from '../../../src/source/decode/decoder-pool.ts';
import type { LumaFrame } from '../../../src/source/frame.ts';
import { createRtspSource } from '../../../src/source/rtsp-source.ts';
import { type ClipOptions, makeClip } from '../../helpers/clips.ts';

interface Seen {
  readonly frames: LumaFrame[];
  /** Scene seconds of the frame that opened the gate, and of the moment that was known. */
  readonly openings: Array<{ readonly frame: number; readonly known: number }>;
  readonly states: string[];
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
  const seen: Seen = { frames: [], openings: [], states: [], snapshot: () => source.decoding() };
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
      if (gate.open && motion.state === 'moving') source.attend({ at: frame.at, regions: motion.regions, hold: true });
      else source.attend({ at: frame.at, regions: motion.regions, hold: false });
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
  // Motion begins between two keyframes, at 22 s and 24 s, and is still there at the second one.
  const seen = await watch({ fps: 10, gop: 20, seconds: 60, motion: [[22.3, 24.7]] }, 30, {});
  expect(seen.states.slice(0, 4)).toEqual(['always', 'awake', 'idle', 'awake']);
  expect(seen.openings).toHaveLength(1);
  const [opening] = seen.openings;
  expect(opening?.frame).toBeGreaterThan(22.2);
  expect(opening?.frame).toBeLessThan(23.4);
  expect((opening?.known ?? 0) - 22.3).toBeLessThan(3);
  expect(inOrder(seen.frames.slice(12))).toBe(true);
  // 12 s of start at 5 a second, keyframes until 22 s, some seconds awake.
  expect(seen.frames.length).toBeLessThan(30 * 5 * 0.8);
  expect(seen.snapshot()).toBeUndefined();
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

test('a decoder that is killed ends the session with its name, and another camera goes on', {
  timeout: 40_000,
}, async () => {
  let killed = 0;
  const victim = watch({ fps: 10, gop: 20, seconds: 60, motion: 'none' }, 20, { mode: 'always' }, ({ frames }) => {
    if (frames.length !== 10) return;
    for (const pid of decoders()) {
      process.kill(pid, 'SIGKILL');
      killed += 1;
      return;
    }
  });
  await expect(victim).rejects.toMatchObject({
    code: 'ERR_FFMPEG_EXITED',
    message: expect.stringContaining('SIGKILL'),
  });
  expect(killed).toBe(1);
});

/** Decoding children of this process. */
function decoders(): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
        return parent === process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('select=');
      } catch {
        return false; // gone meanwhile
      }
    })
    .sort((a, b) => a - b);
}
