import { describe, expect, test } from 'vitest';
import { openRtspCamera } from '../../src/demo/rtsp-camera/rtsp-camera.ts';
import { makeClip, runBundledFfmpeg } from '../helpers/clips.ts';
import { expectLoopOf } from '../helpers/stream-pictures.ts';

/** In this build of 2018 the socket timeout, in microseconds, is `-stimeout`. */
const receive = (url: string) => ['-rtsp_transport', 'tcp', '-stimeout', '5000000', '-i', url];

describe.each(['h264', 'h265'] as const)('%s', (codec) => {
  test.each([{ aggregate: false }, { aggregate: true }])(
    'arrives at ffmpeg as it is in the file, over the loop, aggregated or not: %o',
    async ({ aggregate }) => {
      const clip = await makeClip({ codec, fps: 50, gop: 5, seconds: 0.5, slices: codec === 'h264' ? 3 : 1 });
      await using cam = await openRtspCamera({ file: clip.file, codec, fps: clip.fps, aggregate });
      const format = codec === 'h264' ? 'h264' : 'hevc';
      const output = await runBundledFfmpeg([
        ...receive(cam.url),
        ...['-c', 'copy', '-frames:v', '40', '-f', format, 'pipe:1'],
      ]);
      await expectLoopOf(clip, output, 39);
    },
  );

  test('decodes without a complaint', async () => {
    const clip = await makeClip({ codec, fps: 50, gop: 5, seconds: 0.5 });
    await using cam = await openRtspCamera({ file: clip.file, codec, fps: clip.fps });
    const args = [...receive(cam.url), '-xerror', '-frames:v', '30', '-pix_fmt', 'gray', '-f', 'rawvideo', 'pipe:1'];
    expect(await runBundledFfmpeg(args)).toHaveLength(30 * clip.width * clip.height);
  });
});

test.each([{ scheme: 'basic' }, { scheme: 'digest' }, { scheme: 'digest', qop: 'auth' }] as const)(
  'ffmpeg logs in with %o, also when the password has an at and a percent sign',
  async (scheme) => {
    const clip = await makeClip({ fps: 50, gop: 5, seconds: 0.5 });
    const credentials = { user: 'admin', password: 'p@ss%w/rd', ...scheme };
    await using cam = await openRtspCamera({ file: clip.file, codec: 'h264', fps: 50, credentials });
    const args = ['-c', 'copy', '-frames:v', '5', '-f', 'null', '-'];
    await expect(runBundledFfmpeg([...receive(cam.url), ...args])).rejects.toThrow('401 Unauthorized');
    await runBundledFfmpeg([...receive(cam.urlWithCredentials), ...args]);
  },
);

test('ffmpeg goes on over a change of resolution', async () => {
  const large = await makeClip({ fps: 50, gop: 5, seconds: 0.5 });
  const small = await makeClip({ fps: 50, gop: 5, seconds: 0.5, width: 160, height: 120 });
  await using cam = await openRtspCamera({ file: large.file, codec: 'h264', fps: 50 });
  const output = runBundledFfmpeg([...receive(cam.url), '-frames:v', '40', '-s', '32x24', '-f', 'rawvideo', 'pipe:1']);
  const change = setTimeout(() => void cam.faults.switchFile(small.file), 600);
  expect(await output).toHaveLength((40 * 32 * 24 * 3) / 2);
  clearTimeout(change);
});
