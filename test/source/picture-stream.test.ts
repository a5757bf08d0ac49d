import sharp from 'sharp';
import { expect, onTestFinished, test } from 'vitest';
import { openRtspCamera } from '../../src/demo/rtsp-camera/rtsp-camera.ts';
import { createFfmpegFinder } from '../../src/ffmpeg/build.ts';
import { sleep } from '../../src/lib/abort.ts';
import { decodeConfig } from '../../src/source/config.ts';
import { DecoderPool } from '../../src/source/decode/decoder-pool.ts';
import type { LumaFrame } from '../../src/source/frame.ts';
import { createPictureStream, withPictures } from '../../src/source/picture-stream.ts';
import { createRtspSource } from '../../src/source/rtsp-source.ts';
import { makeClip } from '../helpers/clips.ts';
import { until } from '../helpers/until.ts';

const decode = decodeConfig.parse({ mode: 'always', fps: 10, height: 120 });

async function openCamera(size: { width: number; height: number }) {
  const clip = await makeClip({ ...size, fps: 10, gop: 10, seconds: 8, motion: [[0, 8]] });
  const camera = await openRtspCamera({ file: clip.file, codec: 'h264', fps: 10 });
  onTestFinished(() => camera[Symbol.asyncDispose]());
  return camera;
}

async function openBoth() {
  const [small, large] = [await openCamera({ width: 320, height: 240 }), await openCamera({ width: 640, height: 480 })];
  const findFfmpeg = createFfmpegFinder(undefined);
  const pool = new DecoderPool(findFfmpeg);
  onTestFinished(() => pool[Symbol.asyncDispose]());
  const observer = { received: () => undefined, dropped: () => undefined };
  const pictures = createPictureStream({ findFfmpeg, url: large.url, stallTimeoutMs: 5000, lumaHeight: 120, pool });
  const source = withPictures(createRtspSource({ findFfmpeg, url: small.url, decode, pool, observer }), pictures);
  const stop = new AbortController();
  const session = pictures.run(stop.signal);
  session.catch(() => undefined);
  onTestFinished(async () => {
    stop.abort();
    await session.catch(() => undefined);
  });
  return { source, pictures, large, session };
}

/** The width of the picture of a frame that has just come. */
async function widthOf({ capture }: Awaited<ReturnType<typeof openBoth>>['source'], frame: LumaFrame) {
  const picture = await capture(frame)(AbortSignal.timeout(10_000));
  expect(Math.abs(picture.at - frame.at)).toBeLessThan(1000);
  return (await sharp(picture.jpeg).metadata()).width;
}

test('motion looks at one stream, pictures come from the other; from the watched one when the other is lost', {
  timeout: 60_000,
}, async () => {
  const { source, pictures, large, session } = await openBoth();
  await until(() => pictures.snapshot().online, 'the large stream is there');
  await sleep(1500);
  const widths: Array<number | undefined> = [];
  for await (const frame of source.frames(AbortSignal.timeout(40_000))) {
    expect([frame.width, frame.height]).toEqual([160, 120]);
    if (widths.length < 2) widths.push(await widthOf(source, frame));
    else {
      await large[Symbol.asyncDispose]();
      await expect(session).rejects.toMatchObject({ code: expect.stringMatching(/^ERR_SOURCE_/) });
      expect(pictures.snapshot()).toEqual({ online: false, keptBytes: 0 });
      widths.push(await widthOf(source, frame));
      break;
    }
  }
  expect(widths).toEqual([640, 640, 320]);
});
