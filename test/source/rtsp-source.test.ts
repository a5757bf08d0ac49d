import { readdirSync, readFileSync } from 'node:fs';
import sharp from 'sharp';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openRtspCamera, type RtspCamera, type RtspCameraOptions } from '../../src/demo/rtsp-camera/rtsp-camera.ts';
import type { FfmpegBuild } from '../../src/ffmpeg/build.ts';
import { decodeConfig, type Transport } from '../../src/source/config.ts';
import { DecoderPool } from '../../src/source/decode/decoder-pool.ts';
import type { LumaFrame } from '../../src/source/frame.ts';
import { createRtspSource } from '../../src/source/rtsp-source.ts';
import type { Source } from '../../src/source/source.ts';
import { makeClip } from '../helpers/clips.ts';
import { ffmpegBuilds } from '../helpers/ffmpeg-builds.ts';
import { until } from '../helpers/until.ts';

const decode = decodeConfig.parse({ mode: 'always', fps: 15, height: 120, stallTimeout: '3s' });
/** Keyframes come often, so that a session begins soon. */
const QUICK = { fps: 30, gop: 10, seconds: 1 } as const;
const credentials = { user: 'watch', password: "p@ss%w'rd/:?#" } as const;

async function openCamera(options: RtspCameraOptions): Promise<RtspCamera> {
  const camera = await openRtspCamera(options);
  onTestFinished(() => camera[Symbol.asyncDispose]());
  return camera;
}

function openAnySource(build: FfmpegBuild, transport: Transport, url: string, overrides: Partial<typeof decode>) {
  const counts = { received: 0, dropped: [] as string[] };
  const observer = {
    received: () => void counts.received++,
    dropped: (reason: string) => void counts.dropped.push(reason),
  };
  const findFfmpeg = async () => build;
  const pool = new DecoderPool(findFfmpeg);
  onTestFinished(() => pool[Symbol.asyncDispose]());
  const source = createRtspSource({
    findFfmpeg,
    pool,
    transport,
    url,
    decode: { ...decode, ...overrides },
    observer,
  });
  return { source, counts, pool };
}

/** Takes `count` frames; `each` may act on them. */
async function take(
  source: Source,
  count: number,
  each?: (frame: LumaFrame, index: number) => Promise<void> | void,
): Promise<LumaFrame[]> {
  const frames: LumaFrame[] = [];
  for await (const frame of source.frames(AbortSignal.timeout(25_000))) {
    frames.push(frame);
    await each?.(frame, frames.length);
    if (frames.length === count) break;
  }
  return frames;
}

const failure = (source: Source) =>
  take(source, 1000).then(
    () => undefined,
    (error: unknown) => error,
  );

/** Command lines of the ffmpeg children of this process, by process id. */
function children(): Map<number, string> {
  const found = new Map<number, string>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
      if (parent === process.pid && command.includes('ffmpeg')) found.set(Number(name), command);
    } catch {
      // gone meanwhile
    }
  }
  return found;
}

const builds = await ffmpegBuilds();
const ways = [
  ...builds.map((build) => ({ build, origin: build.origin, transport: 'ffmpeg' as const })),
  ...builds.slice(-1).map((build) => ({ build, origin: build.origin, transport: 'native' as const })),
];

describe.each(ways)('with the $origin ffmpeg and the $transport transport', ({ build, transport }) => {
  const openSource = (url: string, overrides: Partial<typeof decode> = {}) =>
    openAnySource(build, transport, url, overrides);

  test('gray frames come at the configured rate, in the shape of the picture, each soon after its packet', async () => {
    const clip = await makeClip({ ...QUICK, seconds: 4 });
    const camera = await openCamera({ file: clip.file, codec: 'h264', fps: clip.fps });
    const { source, counts } = openSource(camera.url, { fps: 10 });
    const ages: number[] = [];
    const frames = await take(source, 20, (frame) => void ages.push(performance.now() - frame.at));
    for (const frame of frames) expect([frame.width, frame.height, frame.data.length]).toEqual([160, 120, 160 * 120]);
    const steps = frames.slice(10).map((frame, index) => frame.at - (frames[index + 9]?.at ?? 0));
    for (const step of steps) expect(step).toBeCloseTo(100, -1.3);
    expect(frames.every((frame, index) => index === 0 || frame.at >= (frames[index - 1]?.at ?? 0))).toBe(true);
    expect(Math.abs((frames.at(-1)?.time ?? 0) - Date.now())).toBeLessThan(2000);
    expect(counts.received).toBeGreaterThanOrEqual(50);
    expect(counts.dropped).toEqual([]);
    expect(Math.min(...ages)).toBeGreaterThanOrEqual(0);
  });

  test.each(['h264', 'h265'] as const)(
    '%s: a picture on request is of the very moment of its frame, at full size',
    async (codec) => {
      const clip = await makeClip({ ...QUICK, codec, seconds: 4, motion: [[0, 4]] });
      const camera = await openCamera({ file: clip.file, codec, fps: clip.fps, phase: 1 });
      const { source } = openSource(camera.url);
      let compared = 0;
      await take(source, 9, async (frame, index) => {
        if (index < 6) return;
        const picture = await source.capture(frame)(AbortSignal.timeout(10_000));
        expect(picture.at).toBe(frame.at);
        const { data, info } = await sharp(picture.jpeg).grayscale().raw().toBuffer({ resolveWithObject: true });
        expect([info.width, info.height]).toEqual([320, 240]);
        expect(Math.abs(boxAt(data, 320, 240) - boxAt(frame.data, frame.width, frame.height))).toBeLessThan(0.02);
        compared += 1;
      });
      expect(compared).toBe(4);
    },
  );

  test('a moment that is no longer in memory is an error, not another picture', async () => {
    const clip = await makeClip(QUICK);
    const camera = await openCamera({ file: clip.file, codec: 'h264', fps: clip.fps });
    const { source } = openSource(camera.url);
    const [first] = await take(source, 3);
    const gone = source.capture({ at: (first?.at ?? 0) - 60_000, time: 0 })(AbortSignal.timeout(5000));
    await expect(gone).rejects.toMatchObject({ code: 'ERR_PICTURE_GONE' });
  });

  test.each(['basic', 'digest'] as const)(
    '%s authentication with a difficult password, which no process list shows',
    async (scheme) => {
      const clip = await makeClip(QUICK);
      const camera = await openCamera({
        file: clip.file,
        codec: 'h264',
        fps: clip.fps,
        credentials: { ...credentials, scheme },
      });
      const { source } = openSource(camera.urlWithCredentials);
      let commands: string[] = [];
      await take(source, 3, () => {
        commands = [...children().values()];
      });
      expect(commands.length).toBeGreaterThanOrEqual(1);
      for (const command of commands) expect(command).not.toMatch(/watch|p@ss|p%40ss|stream/);
    },
  );

  test('the children are gone when the caller stops', async () => {
    const clip = await makeClip(QUICK);
    const camera = await openCamera({ file: clip.file, codec: 'h264', fps: clip.fps });
    const before = children().size;
    const { source, pool } = openSource(camera.url);
    await take(source, 2);
    await pool[Symbol.asyncDispose]();
    expect(children().size).toBe(before);
    await until(() => camera.connections === 0, 'the camera is left');
  });

  test('a change of resolution mid-way goes on with frames of the same shape and pictures of the new one', async () => {
    const clip = await makeClip(QUICK);
    const larger = await makeClip({ ...QUICK, width: 640, height: 480 });
    const camera = await openCamera({ file: clip.file, codec: 'h264', fps: clip.fps });
    const { source } = openSource(camera.url);
    let width = 0;
    const frames = await take(source, 25, async (frame, index) => {
      if (index === 5) await camera.faults.switchFile(larger.file);
      if (index !== 25) return;
      width = (await sharp((await source.capture(frame)(AbortSignal.timeout(10_000))).jpeg).metadata()).width;
    });
    expect(new Set(frames.map((frame) => `${frame.width}x${frame.height}`)).size).toBe(1);
    expect(width).toBe(640);
  });

  describe('what goes wrong is told in words that help', () => {
    test('wrong password', async () => {
      const clip = await makeClip(QUICK);
      const camera = await openCamera({
        file: clip.file,
        codec: 'h264',
        fps: clip.fps,
        credentials: { ...credentials, scheme: 'digest' },
      });
      const error = await failure(openSource(camera.url.replace('//', '//watch:s3cret@')).source);
      expect(error).toMatchObject({ code: 'ERR_SOURCE_UNAUTHORIZED', hint: expect.stringContaining('url') });
      expect(JSON.stringify([error, String((error as Error).cause)])).not.toContain('s3cret');
    });

    test('unknown stream', async () => {
      const clip = await makeClip(QUICK);
      const camera = await openCamera({ file: clip.file, codec: 'h264', fps: clip.fps });
      camera.faults.respond(404);
      expect(await failure(openSource(camera.url).source)).toMatchObject({ code: 'ERR_SOURCE_NOT_FOUND' });
    });

    test('nothing listens', async () => {
      const clip = await makeClip(QUICK);
      const camera = await openCamera({ file: clip.file, codec: 'h264', fps: clip.fps });
      await camera.faults.refuse(true);
      expect(await failure(openSource(camera.url).source)).toMatchObject({ code: 'ERR_SOURCE_REFUSED' });
    });

    test('accepts and never answers', async () => {
      const clip = await makeClip(QUICK);
      const camera = await openCamera({ file: clip.file, codec: 'h264', fps: clip.fps });
      camera.faults.hangOnConnect = true;
      const error = await failure(openSource(camera.url, { stallTimeout: 1500 }).source);
      expect(error).toMatchObject({ code: 'ERR_SOURCE_STALLED', message: expect.stringContaining('sends nothing') });
    });

    test('audio only', async () => {
      const clip = await makeClip(QUICK);
      const camera = await openCamera({ file: clip.file, codec: 'h264', fps: clip.fps });
      camera.faults.audioOnly = true;
      expect(await failure(openSource(camera.url, { stallTimeout: 1500 }).source)).toMatchObject({
        code: expect.stringMatching(/ERR_SOURCE_(NO_VIDEO|STALLED)/),
        hint: expect.stringContaining('video'),
      });
    });

    test('the server fails', async () => {
      const clip = await makeClip(QUICK);
      const camera = await openCamera({ file: clip.file, codec: 'h264', fps: clip.fps });
      camera.faults.respond(500);
      expect(await failure(openSource(camera.url).source)).toMatchObject({ code: 'ERR_SOURCE_REFUSED' });
    });

    test('stops sending in the middle', async () => {
      const clip = await makeClip(QUICK);
      const camera = await openCamera({ file: clip.file, codec: 'h264', fps: clip.fps });
      const { source } = openSource(camera.url, { stallTimeout: 1500 });
      const stalled = take(source, 1000, (_, index) => {
        if (index === 3) camera.faults.stall();
      });
      await expect(stalled).rejects.toMatchObject({
        code: 'ERR_SOURCE_STALLED',
        message: expect.stringContaining('stopped sending'),
      });
    });

    test('hangs up in the middle', async () => {
      const clip = await makeClip(QUICK);
      const camera = await openCamera({ file: clip.file, codec: 'h264', fps: clip.fps });
      const ended = take(openSource(camera.url).source, 1000, (_, index) => {
        if (index === 3) camera.faults.dropClients();
      });
      await expect(ended).rejects.toMatchObject({ code: expect.stringMatching(/ERR_SOURCE_(ENDED|REFUSED)/) });
    });

    test.runIf(transport === 'ffmpeg')('the receiver is killed', async () => {
      const clip = await makeClip(QUICK);
      const camera = await openCamera({ file: clip.file, codec: 'h264', fps: clip.fps });
      const { source, pool } = openSource(camera.url);
      const killed = take(source, 1000, (_, index) => {
        if (index !== 3) return;
        for (const [pid, command] of children()) if (command.includes('rtsp_transport')) process.kill(pid, 'SIGKILL');
      });
      await expect(killed).rejects.toMatchObject({
        code: 'ERR_FFMPEG_EXITED',
        message: expect.stringContaining('SIGKILL'),
      });
      await pool[Symbol.asyncDispose]();
      expect(children().size).toBe(0);
    });
  });
});

/** Where the white box stands: the mean column of the bright pixels in the middle row band, 0..1. */
function boxAt(data: Uint8Array, width: number, height: number): number {
  let sum = 0;
  let count = 0;
  for (let y = Math.round(height * 0.48); y < height * 0.52; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if ((data[y * width + x] ?? 0) < 225) continue;
      sum += x / width;
      count += 1;
    }
  }
  return count > 0 ? sum / count : -1;
}
