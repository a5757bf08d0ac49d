/**
 * Streams with B-frames that are sent in the order of decoding with timestamps that rise all the same, as some cameras and proxies do: only
 * what is coded says that their pictures are out of order. Over real RTSP with real decoders.
 */
import sharp from 'sharp';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openRtspCamera } from '../../../src/demo/rtsp-camera/rtsp-camera.ts';
import { createFfmpegFinder } from '../../../src/ffmpeg/build.ts';
import type { VideoCodec } from '../../../src/rtsp/nal.ts';
import { decodeConfig } from '../../../src/source/config.ts';
import { DecoderPool } from '../../../src/source/decode/decoder-pool.ts';
import type { LumaFrame } from '../../../src/source/frame.ts';
import { createPictureStream, withPictures } from '../../../src/source/picture-stream.ts';
import { createRtspSource } from '../../../src/source/rtsp-source.ts';
import type { Source } from '../../../src/source/source.ts';
import { until } from '../../helpers/until.ts';
import { encode, withoutVui } from '../../rtsp/encode.ts';

/** Ten pictures a second, a keyframe every two seconds. */
const GOP = 'keyint=20:min-keyint=20:scenecut=0:open-gop=0';
const WITH_B = `bframes=2:b-adapt=0:${GOP}`;
const PLAIN = `bframes=0:${GOP}`;
const findFfmpeg = createFfmpegFinder();

const coded = (codec: VideoCodec, params: string) => encode({ codec, params, frames: 120 });
/** Its parameter sets do not say whether pictures are out of order. */
const silent = async (params: string) =>
  withoutVui(await encode({ codec: 'h264', params, frames: 120, options: ['-profile:v', 'main'] }));

function openPool(): DecoderPool {
  const pool = new DecoderPool(findFfmpeg);
  onTestFinished(() => pool[Symbol.asyncDispose]());
  return pool;
}

async function serve(codec: VideoCodec, bytes: Buffer): Promise<string> {
  const camera = await openRtspCamera({ file: bytes, codec, fps: 10 });
  onTestFinished(() => camera[Symbol.asyncDispose]());
  return camera.url;
}

async function openSource(pool: DecoderPool, codec: VideoCodec, bytes: Buffer): Promise<Source> {
  const observer = { received: () => undefined, dropped: () => undefined };
  const decode = decodeConfig.parse({ height: 120 });
  return createRtspSource({ findFfmpeg, pool, url: await serve(codec, bytes), decode, observer });
}

/** What came within `seconds`, each frame told to `act`, and how the camera was decoded at the end. */
async function watch(source: Source, seconds: number, act: (frame: LumaFrame) => void = () => undefined) {
  const frames: LumaFrame[] = [];
  const states = new Set<string>();
  let reason: string | undefined;
  for await (const frame of source.frames(AbortSignal.timeout(seconds * 1000))) {
    frames.push(frame);
    act(frame);
    const now = source.decoding();
    if (now) states.add(now.state);
    reason = now?.reason;
  }
  return { frames, states: [...states], reason };
}

/** Takes the picture of every tenth frame, and resolves with their widths. */
function takePictures(source: Source) {
  const widths: Promise<number | string | undefined>[] = [];
  let count = 0;
  const act = (frame: LumaFrame) => {
    count += 1;
    if (count % 10 !== 0) return;
    const picture = source.capture(frame)(AbortSignal.timeout(3000));
    widths.push(picture.then(async ({ jpeg }) => (await sharp(jpeg).metadata()).width).catch(String));
  };
  return { act, widths: () => Promise.all(widths) };
}

const SEEN = 'the stream has B-frames, its pictures come out of order';

describe.each([
  { name: 'h264 that announces them', codec: 'h264', stream: () => coded('h264', WITH_B) },
  { name: 'h265 that announces them', codec: 'h265', stream: () => coded('h265', WITH_B) },
  { name: 'h264 that does not say', codec: 'h264', stream: () => silent(WITH_B) },
] as const)('$name', ({ codec, stream }) => {
  test('everything is decoded, which is told, and pictures come out', async () => {
    const pool = openPool();
    const source = await openSource(pool, codec, await stream());
    const { act, widths } = takePictures(source);
    const { frames, states, reason } = await watch(source, 8, act);
    expect(states).toEqual(['always']);
    expect(reason).toBe(SEEN);
    expect(frames.length).toBeGreaterThan(20);
    const found = await widths();
    expect(found.length).toBeGreaterThan(1);
    expect(new Set(found)).toEqual(new Set([320]));
  });

  test('where nobody looks for motion, too, and a camera beside it is not disturbed', async () => {
    const pool = openPool();
    const source = await openSource(pool, codec, await stream());
    const plain = await openSource(pool, codec, await coded(codec, PLAIN));
    source.pause(true);
    plain.pause(true);
    const { act, widths } = takePictures(source);
    const [own, other] = await Promise.all([watch(source, 10, act), watch(plain, 10)]);
    expect([own.states, own.reason]).toEqual([['always'], SEEN]);
    expect(own.frames.length).toBeGreaterThan(20);
    expect(new Set(await widths())).toEqual(new Set([320]));
    expect(other.states).toEqual(['idle']);
    expect(other.frames.length).toBeGreaterThanOrEqual(3);
    expect(pool.snapshot().restarts).toBe(0);
  });
});

test('a camera without B-frames whose parameter sets do not say so is looked at by keyframes', async () => {
  const pool = openPool();
  const source = await openSource(pool, 'h264', await silent(`bframes=1:b-adapt=1:b-bias=-100:${GOP}`));
  source.pause(true);
  const { frames, states, reason } = await watch(source, 8);
  expect([states, reason]).toEqual([['idle'], 'motion is switched off']);
  expect(frames.length).toBeGreaterThanOrEqual(2);
  expect(pool.snapshot().restarts).toBe(0);
});

test('pictures are taken from a larger stream with B-frames', async () => {
  const pool = openPool();
  const large = await encode({ codec: 'h264', params: WITH_B, size: '640x480', frames: 120 });
  const url = await serve('h264', large);
  const pictures = createPictureStream({ findFfmpeg, url, stallTimeoutMs: 5000, lumaHeight: 120, pool });
  const stop = new AbortController();
  const session = pictures.run(stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await session;
  });
  await until(() => pictures.snapshot().online, 'the large stream is there');
  const source = withPictures(await openSource(pool, 'h264', await coded('h264', PLAIN)), pictures);
  const { act, widths } = takePictures(source);
  await watch(source, 7, act);
  expect(new Set(await widths())).toEqual(new Set([640]));
});
