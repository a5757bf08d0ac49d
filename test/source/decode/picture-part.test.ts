/**
 * The part of a picture that a decoder makes beside it, of every ffmpeg that is here: it is the very pixels of the place that it is said to be of.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { inspectClip } from '../../../src/backtest/clip-info.ts';
import { readClip } from '../../../src/backtest/read-clip.ts';
import type { FfmpegBuild } from '../../../src/ffmpeg/build.ts';
import { PART_SIDE, partBits, partPlace } from '../../../src/ffmpeg/picture-part.ts';
import type { Box } from '../../../src/lib/box.ts';
import type { AccessUnit } from '../../../src/source/access-unit.ts';
import { DecoderPool } from '../../../src/source/decode/decoder-pool.ts';
import type { PicturePart } from '../../../src/source/frame.ts';
import { ffmpegBuilds } from '../../helpers/ffmpeg-builds.ts';
import { newFolder } from '../../helpers/framegate.ts';

const LUMA = { width: 160, height: 90 };
const SIZES = [
  { width: 1280, height: 720 },
  { width: 1918, height: 1078 },
];
const AREAS: Box[] = [
  [0.45, 0.45, 0.1, 0.1],
  [0.95, 0.9, 0.05, 0.1],
  [0, 0, 0.01, 0.02],
  [0.61, 0.3, 0.2, 0.05],
];

const run = promisify(execFile);
const beside = (place: number) => (place > 0 ? place - 2 : place + 2);

describe.each(await ffmpegBuilds())('of $path', (build) => {
  test.each(SIZES)(
    'the part is of the place that it is said to be of, in $width x $height',
    async (size) => {
      await using pool = new DecoderPool(async () => build);
      const units = await movingPattern(build, size);
      for (const [index, area] of AREAS.entries()) {
        const picture = await pool.picture(units.slice(0, 2 + index), LUMA, AbortSignal.timeout(20_000), { area });
        const { left, top, side } = picture.part!;
        expect(side).toBe(PART_SIDE);
        expect(left).toBeLessThanOrEqual(area[0] * size.width);
        expect(top).toBeLessThanOrEqual(area[1] * size.height);
        expect(left + side).toBeGreaterThanOrEqual((area[0] + area[2]) * size.width - 1);
        expect(top + side).toBeGreaterThanOrEqual((area[1] + area[3]) * size.height - 1);
        const right = await difference(picture.jpeg, picture.part!);
        expect(right).toBeLessThan(4);
        expect(right).toBeLessThan((await difference(picture.jpeg, { ...picture.part!, left: beside(left) })) / 2);
        expect(right).toBeLessThan((await difference(picture.jpeg, { ...picture.part!, top: beside(top) })) / 2);
      }
      const none = await pool.picture(units, LUMA, AbortSignal.timeout(20_000));
      expect(none.part).toBeUndefined();
    },
    60_000,
  );
});

test('an area that is larger than a part has none, nor has a small picture', () => {
  expect(partBits([0, 0, 0.5, 0.1], { width: 1280, height: 720 })).toBe(0);
  expect(partBits([0.5, 0.5, 0.1, 0.1], { width: 640, height: 360 })).toBe(0);
});

test('a part can lie everywhere in a picture, never outside of it', () => {
  const size = { width: 3840, height: 2160 };
  const places = [0, 0.25, 0.5, 1].map((at) => partPlace(partBits([at, at, 0, 0], size), size));
  expect(places[0]).toEqual({ left: 0, top: 0, side: PART_SIDE });
  expect(places[3]).toEqual({ left: 3840 - PART_SIDE, top: 2160 - PART_SIDE, side: PART_SIDE });
  for (const { left, top } of places) expect([left % 2, top % 2]).toEqual([0, 0]);
});

/** Fine vertical and horizontal lines, so that a shift by two pixels is another picture. */
async function movingPattern(build: FfmpegBuild, { width, height }: { width: number; height: number }) {
  const file = join(newFolder(), 'pattern.mp4');
  const pattern = "geq=lum='16+mod(37*floor(X/2)+11*floor(Y/2)*floor(X/2)+N,200)':cb=128:cr=128";
  const source = `color=size=${width}x${height}:rate=5,format=yuv420p,${pattern}`;
  await run(build.path, [
    ...['-y', '-loglevel', 'error', '-f', 'lavfi', '-i', source, '-frames:v', '6'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-qp', '2', '-g', '10', '-bf', '0', file],
  ]);
  const { signal } = new AbortController();
  const units: AccessUnit[] = [];
  for await (const unit of readClip(build, file, await inspectClip(build, file, signal), signal).units)
    units.push(unit);
  return units;
}

/** Mean difference of gray between the part and the same place of the whole picture. */
async function difference(jpeg: Buffer, { left, top, side, jpeg: part }: PicturePart): Promise<number> {
  const place = { left, top, width: side, height: side };
  const whole = await sharp(jpeg).extract(place).grayscale().raw().toBuffer();
  const own = await sharp(part).grayscale().raw().toBuffer();
  expect(own.length).toBe(whole.length);
  return own.reduce((sum, value, index) => sum + Math.abs(value - (whole[index] ?? 0)), 0) / own.length;
}
