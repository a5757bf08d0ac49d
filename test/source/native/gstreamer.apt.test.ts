import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openRtspCamera } from '../../../src/demo/rtsp-camera/rtsp-camera.ts';
import { createFfmpegFinder } from '../../../src/ffmpeg/build.ts';
import type { VideoCodec } from '../../../src/rtsp/nal.ts';
import { decodeConfig } from '../../../src/source/config.ts';
import { DecoderPool } from '../../../src/source/decode/decoder-pool.ts';
import { receiveNative } from '../../../src/source/native/receive-native.ts';
import { createRtspSource } from '../../../src/source/rtsp-source.ts';
import { makeClip } from '../../helpers/clips.ts';
import { freePort, start } from '../../helpers/processes.ts';
import { expectLoopOf } from '../../helpers/stream-pictures.ts';
import { takeUnits } from '../../helpers/units.ts';

const SERVER = new URL('../../helpers/gst-rtsp-server.py', import.meta.url).pathname;
let folder: string;
let tls: [certificate: string, key: string];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'framegate-gstreamer-'));
  tls = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const files = ['-out', tls[0], '-keyout', tls[1]];
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=camera', ...files];
  execFileSync('openssl', request, { stdio: 'ignore' });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function openGstreamer(codec: VideoCodec, options: readonly string[] = []) {
  const clip = await makeClip({ codec, fps: 25, gop: 10, seconds: 6, motion: [[0, 6]] });
  const file = join(folder, `${codec}.mp4`);
  const format = codec === 'h264' ? 'h264' : 'hevc';
  const input = ['-r', '25', '-f', format, '-i', clip.file];
  execFileSync('ffmpeg', [
    '-v',
    'error',
    '-y',
    ...input,
    '-c',
    'copy',
    ...(codec === 'h265' ? ['-tag:v', 'hvc1'] : []),
    file,
  ]);
  const port = await freePort();
  await start('/usr/bin/python3', [SERVER, file, String(port), '--codec', codec, ...options]).line(/ready/);
  return { clip, port };
}

const receive = (url: string) => receiveNative({ url, stallTimeoutMs: 5000 }, AbortSignal.timeout(25_000));

const password = "p@ss%w'rd/?#";
const login = `watch:${encodeURIComponent(password)}@`;

describe.each(['h264', 'h265'] as const)('%s from GStreamer’s RTSP server', (codec) => {
  test.each([
    { how: 'as it is', scheme: 'rtsp', user: '', options: () => [] },
    { how: 'with a digest login', scheme: 'rtsp', user: login, options: () => ['--digest', `watch:${password}`] },
    { how: 'over TLS', scheme: 'rtsps', user: '', options: () => ['--tls', ...tls] },
  ])(
    '$how: the pictures are those of the file, and ffmpeg decodes them without a complaint',
    async ({ scheme, user, options }) => {
      const { clip, port } = await openGstreamer(codec, options());
      const units = await takeUnits(receive(`${scheme}://${user}127.0.0.1:${port}/stream`), 60);
      const bytes = Buffer.concat(units.map(({ data }) => data));
      await expectLoopOf(clip, bytes, 60);
      expect(units.map(({ key }) => key)).toEqual(units.map((_, index) => index % 10 === 0));
      expect([units[0]?.stream.width, units[0]?.stream.height]).toEqual([clip.width, clip.height]);
      const input = ['-f', codec === 'h264' ? 'h264' : 'hevc', '-i', 'pipe:0'];
      const output = ['-pix_fmt', 'gray', '-f', 'rawvideo', 'pipe:1'];
      const decoded = execFileSync('ffmpeg', ['-v', 'error', '-xerror', ...input, '-vsync', '0', ...output], {
        input: bytes,
        maxBuffer: 2 ** 28,
      });
      expect(decoded).toHaveLength(60 * clip.width * clip.height);
    },
  );
});

test('a wrong password is told as such', async () => {
  const { port } = await openGstreamer('h264', ['--digest', `watch:${password}`]);
  const refused = takeUnits(receive(`rtsp://watch:wrong@127.0.0.1:${port}/stream`), 1);
  await expect(refused).rejects.toMatchObject({ code: 'ERR_SOURCE_UNAUTHORIZED' });
});

describe('TLS', () => {
  test('with a certificate that nobody signed', async () => {
    const clip = await makeClip({ fps: 50, gop: 5, seconds: 0.5 });
    await using camera = await openRtspCamera({ file: clip.file, codec: 'h264', fps: 50 });
    const server = createServer({ cert: readFileSync(tls[0]), key: readFileSync(tls[1]) }, (socket) => {
      const inner = connect(Number(new URL(camera.url).port), '127.0.0.1');
      for (const each of [socket, inner]) each.on('error', () => undefined);
      socket.pipe(inner).pipe(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    expect(await takeUnits(receive(`rtsps://127.0.0.1:${port}/stream`), 20)).toHaveLength(20);
  });

  test('to a port that does not speak it is told as such', async () => {
    const clip = await makeClip({ fps: 50, gop: 5, seconds: 0.5 });
    await using camera = await openRtspCamera({ file: clip.file, codec: 'h264', fps: 50 });
    await expect(takeUnits(receive(camera.url.replace('rtsp:', 'rtsps:')), 1)).rejects.toMatchObject({
      code: 'ERR_SOURCE_UNSUPPORTED',
      message: expect.stringContaining('TLS'),
    });
  });
});

describe('with B-frames', () => {
  async function openWatched() {
    const file = join(folder, 'b-frames.mp4');
    const source = ['-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=20:duration=20'];
    const params = 'bframes=2:b-adapt=0:keyint=20:scenecut=0';
    const coder = ['-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-preset', 'ultrafast', '-x264-params', params];
    execFileSync('ffmpeg', ['-v', 'error', '-y', ...source, ...coder, file]);
    const port = await freePort();
    await start('/usr/bin/python3', [SERVER, file, String(port)]).line(/ready/);
    const findFfmpeg = createFfmpegFinder(undefined);
    const pool = new DecoderPool(findFfmpeg);
    onTestFinished(() => pool[Symbol.asyncDispose]());
    const decode = decodeConfig.parse({ fps: 20, height: 120 });
    const observer = { received: () => undefined, dropped: () => undefined };
    const url = `rtsp://127.0.0.1:${port}/stream`;
    return { pool, watched: createRtspSource({ findFfmpeg, url, decode, pool, observer }) };
  }

  test.each([
    { how: 'motion sees', isPaused: false },
    { how: 'where nobody looks for motion a source gives', isPaused: true },
  ])('$how each picture once, in the order of showing and at even steps', async ({ isPaused }) => {
    const { pool, watched } = await openWatched();
    watched.pause(isPaused);
    const times: number[] = [];
    let reason: string | undefined;
    for await (const frame of watched.frames(AbortSignal.timeout(25_000))) {
      times.push(frame.at);
      reason = watched.decoding()?.reason;
      if (times.length < 160) continue;
      const picture = await watched.capture(frame)(AbortSignal.timeout(5000));
      expect(Math.abs(picture.at - frame.at)).toBeLessThan(200);
      expect((await sharp(picture.jpeg).metadata()).width).toBe(320);
      break;
    }
    expect(reason).toBe('the stream has B-frames, its pictures come out of order');
    // Until it is known how many pictures are held back, some share a time.
    const steps = times.slice(-100).map((at, index, late) => at - (late[index - 1] ?? at - 50));
    expect(Math.max(...steps)).toBeLessThan(75);
    expect(Math.min(...steps)).toBeGreaterThan(25);
    // No keyframe of it was decoded for itself.
    expect(pool.snapshot().restarts).toBe(0);
  });
});
