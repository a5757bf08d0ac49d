import { describe, expect, test } from 'vitest';
import { splitNals } from '../../src/rtsp/annex-b.ts';
import { nalRoles, nalType, ROLE, type VideoCodec } from '../../src/rtsp/nal.ts';
import { readSps } from '../../src/rtsp/sps.ts';
import { asFfmpegSees, type Encoding, encode } from './encode.ts';

async function spsOf(codec: VideoCodec, bytes: Buffer): Promise<Buffer> {
  return splitNals(bytes).find((nal) => nalRoles(codec, nalType(codec, nal)) & ROLE.sps)!;
}

describe('the size is the one that ffmpeg shows', () => {
  test.each<Encoding>([
    { codec: 'h264' },
    { codec: 'h264', size: '1920x1080' },
    { codec: 'h264', size: '162x122' },
    { codec: 'h264', size: '100x104', params: 'interlaced=1' },
    { codec: 'h264', size: '99x77', pixels: 'yuv444p' },
    { codec: 'h264', size: '98x77', pixels: 'yuv422p' },
    { codec: 'h264', size: '98x78', pixels: 'gray' },
    { codec: 'h264', params: 'cqm=jvt' },
    { codec: 'h264', params: 'nal-hrd=cbr:vbv-maxrate=500:vbv-bufsize=500:bitrate=500:aud=1' },
    { codec: 'h264', params: 'sar=4/3:colorprim=bt709:overscan=show:videoformat=pal:chromaloc=2' },
    { codec: 'h265' },
    { codec: 'h265', size: '1920x1080' },
    { codec: 'h265', size: '162x122', params: 'temporal-layers=1:bframes=3' },
    { codec: 'h265', size: '99x77', pixels: 'yuv444p' },
    { codec: 'h265', size: '98x77', pixels: 'yuv422p' },
  ])('%o', async (encoding) => {
    const bytes = await encode({ ...encoding, frames: 1 });
    const sps = readSps(encoding.codec, await spsOf(encoding.codec, bytes));
    const { size } = await asFfmpegSees(encoding.codec, bytes);
    expect(size).toBe(encoding.size ?? '320x240');
    expect(`${sps?.width}x${sps?.height}`).toBe(size);
  });
});

describe('reordering', () => {
  test.each<Encoding & { reorders: boolean }>([
    { codec: 'h264', params: 'bframes=0', reorders: false },
    { codec: 'h264', params: 'bframes=2', reorders: true },
    { codec: 'h264', options: ['-profile:v', 'baseline'], reorders: false },
    { codec: 'h265', params: 'bframes=0', reorders: false },
    { codec: 'h265', params: 'bframes=2', reorders: true },
  ])('%o', async ({ reorders, ...encoding }) => {
    const bytes = await encode({ ...encoding, frames: 3 });
    expect(readSps(encoding.codec, await spsOf(encoding.codec, bytes))?.reorders).toBe(reorders);
  });

  const [BASELINE, MAIN] = [66, 77];
  const [SENT, AS_DECODED] = ['11', '011'];

  test.each([
    { name: 'Baseline knows none', profile: BASELINE, order: SENT, references: 1, reorders: false },
    { name: 'Main may, which is not told', profile: MAIN, order: SENT, references: 1, reorders: undefined },
    {
      name: 'not where pictures are shown as decoded',
      profile: MAIN,
      order: AS_DECODED,
      references: 1,
      reorders: false,
    },
    { name: 'not where no picture refers to another', profile: MAIN, order: SENT, references: 0, reorders: false },
  ])('of a stream whose parameter set names no limit, as many cameras send it: $name', (example) => {
    const { profile, order, references, reorders } = example;
    const head = `${profile.toString(2).padStart(8, '0')}${'0'.repeat(8)}${'00011110'}11`;
    const size = `0${'000010100'}${'0001111'}1000`; // 20 x 15 macroblocks, no cropping, no VUI
    const bits = `${head}${order}${references === 0 ? '1' : '010'}${size}1`.replace(/.{1,8}/g, (byte) =>
      byte.padEnd(8, '0'),
    );
    const sps = Buffer.from([0x67, ...bits.match(/.{8}/g)!.map((byte) => Number.parseInt(byte, 2))]);
    expect(readSps('h264', sps)).toMatchObject({ width: 320, height: 240, reorders });
  });
});

describe('a damaged parameter set', () => {
  test.each(['h264', 'h265'] as const)('%s is undefined or gives some size, and takes no time', async (codec) => {
    const sps = await spsOf(codec, await encode({ codec, frames: 1 }));
    expect(readSps(codec, sps.subarray(0, 4))).toBeUndefined();
    expect(readSps(codec, Buffer.alloc(0))).toBeUndefined();
    for (let byte = 1; byte < sps.length; byte += 1) {
      for (const value of [0x00, 0x01, 0x7f, 0x80, 0xff]) {
        const damaged = Buffer.from(sps);
        damaged[byte] = value;
        const read = readSps(codec, damaged);
        if (read) expect(read.width * read.height).toBeGreaterThan(0);
      }
    }
  });
});
