import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadStream } from '../../src/demo/rtsp-camera/elementary-stream.ts';
import { openRtspCamera } from '../../src/demo/rtsp-camera/rtsp-camera.ts';
import { makeScene } from '../../src/demo/scene.ts';
import { makeClip } from '../helpers/clips.ts';
import { expectLoopOf } from '../helpers/stream-pictures.ts';

const run = promisify(execFile);
const limits = { encoding: 'buffer', timeout: 20_000, maxBuffer: 64 * 1024 ** 2 } as const;
const credentials = { user: 'admin', password: 'p@ss%w/rd' };
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'framegate-play-'));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

/** In this build the socket timeout, in microseconds, is `-timeout`. */
const ffmpeg = (url: string, ...args: string[]) =>
  run('ffmpeg', ['-v', 'error', '-rtsp_transport', 'tcp', '-timeout', '5000000', '-i', url, ...args], limits);

describe.each(['h264', 'h265'] as const)('%s', (codec) => {
  test.each([false, true])(
    'arrives at the system’s ffmpeg as it is in the file (aggregated: %s)',
    async (aggregate) => {
      const clip = await makeClip({ codec, fps: 25, gop: 5, seconds: 1 });
      await using cam = await openRtspCamera({ file: clip.file, codec, fps: 25, aggregate });
      const format = codec === 'h264' ? 'h264' : 'hevc';
      const { stdout } = await ffmpeg(cam.url, '-c', 'copy', '-frames:v', '40', '-f', format, 'pipe:1');
      await expectLoopOf(clip, stdout, 39);
    },
  );

  test.each([
    { scheme: 'basic', aggregate: false },
    { scheme: 'digest', aggregate: true },
  ] as const)('arrives at GStreamer as it is in the file, with %o', async ({ scheme, aggregate }) => {
    const clip = await makeClip({ codec, fps: 25, gop: 5, seconds: 1 });
    const options = { file: clip.file, codec, fps: 25, aggregate, credentials: { ...credentials, scheme } };
    await using cam = await openRtspCamera(options);
    const file = join(directory, `${codec}-${scheme}`);
    const login = [`user-id=${credentials.user}`, `user-pw=${credentials.password}`];
    await run(
      'gst-launch-1.0',
      [
        ...['-q', 'rtspsrc', `location=${cam.url}`, 'protocols=tcp', ...login],
        ...['!', `rtp${codec}depay`, '!', `${codec}parse`],
        ...['!', `video/x-${codec},stream-format=byte-stream,alignment=au`],
        ...['!', 'identity', 'eos-after=40', '!', 'filesink', `location=${file}`],
      ],
      limits,
    ).catch((error: unknown) => {
      // GStreamer says PAUSE and TEARDOWN at once; when the answer to the second closes the connection first, it complains about the first.
      if (!String(error).includes('Could not send message')) throw error;
    });
    await expectLoopOf(clip, await readFile(file), 35);
  });
});

test.each(['basic', 'digest'] as const)('the system’s ffmpeg logs in with %s', async (scheme) => {
  const clip = await makeClip({ fps: 25, gop: 5, seconds: 1 });
  const options = { file: clip.file, codec: 'h264', fps: 25, credentials: { ...credentials, scheme } } as const;
  await using cam = await openRtspCamera(options);
  await expect(ffmpeg(cam.url, '-frames:v', '1', '-f', 'null', '-')).rejects.toThrow('401 Unauthorized');
  await ffmpeg(cam.urlWithCredentials, '-c', 'copy', '-frames:v', '5', '-f', 'null', '-');
});

test('the scene can be made with the system’s ffmpeg too', async () => {
  const { signal } = new AbortController();
  const scene = await makeScene({ directory, ffmpeg: 'ffmpeg', seconds: 4, width: 320, height: 180, signal });
  const { accessUnits } = await loadStream(scene.file, 'h264', scene.fps);
  expect(accessUnits).toHaveLength(60);
  expect(accessUnits.filter((unit) => unit.keyframe)).toHaveLength(2);
});
