import { readFile } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createFfmpegFinder } from '../../../src/ffmpeg/build.ts';
import { DecoderPool } from '../../../src/source/decode/decoder-pool.ts';
import { makeClip } from '../../helpers/clips.ts';
import { accessUnitsOf } from '../../helpers/units.ts';
import { encode } from '../../rtsp/encode.ts';

const LUMA = { width: 160, height: 120 };

function openPool(): DecoderPool {
  const pool = new DecoderPool(createFfmpegFinder());
  onTestFinished(() => pool[Symbol.asyncDispose]());
  return pool;
}

const soon = () => AbortSignal.timeout(10_000);

test.each(['h264', 'h265'] as const)(
  '%s: the picture of a camera is its own after a decoder had another camera with B-frames, pictures of which it held back',
  async (codec) => {
    const withB = accessUnitsOf(codec, await encode({ codec, params: 'bframes=2:b-adapt=0' })).slice(0, 10);
    const still = await makeClip({ codec, motion: 'none' });
    const plain = accessUnitsOf(codec, await readFile(still.file)).slice(0, 5);
    const expected = await openPool().picture(plain, LUMA, soon());
    const pool = openPool();
    await pool.picture(withB, LUMA, soon(), { reorders: true });
    const found = await pool.picture(plain, LUMA, soon());
    expect(found.jpeg.equals(expected.jpeg)).toBe(true);
  },
);

test.each([
  { codec: 'h264', params: 'open-gop=0' },
  { codec: 'h265', params: 'open-gop=0' },
  { codec: 'h265', params: 'open-gop=1' },
] as const)('$codec, $params: a picture that the decoder would hold back comes out', async ({ codec, params }) => {
  const bytes = await encode({ codec, params: `bframes=2:b-adapt=0:keyint=20:scenecut=0:${params}`, frames: 60 });
  const units = accessUnitsOf(codec, bytes);
  const begin = units.findIndex(({ key }, index) => key && index > 0);
  const pool = openPool();
  // The first ones of an open GOP need the GOP before.
  for (const length of [6, 7, 8]) {
    const picture = await pool.picture(units.slice(begin, begin + length), LUMA, soon(), { reorders: true });
    expect(picture.at).toBe(units[begin + length - 1]?.at);
  }
});
