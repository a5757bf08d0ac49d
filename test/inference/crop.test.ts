import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { areaToShow, cutOut, planCrop, uncrop } from '../../src/inference/crop.ts';
import { jpegSize, type PixelSize } from '../../src/inference/jpeg-size.ts';
import type { Box } from '../../src/lib/box.ts';

const HD = { width: 1920, height: 1080 };

const plan = (size: PixelSize, regions: readonly Box[], keep: readonly Box[] = []) => {
  const area = areaToShow(size, regions, keep);
  return area && planCrop(size, area);
};

describe('the part of a picture that is shown', () => {
  it('is a square around what moves, with surroundings, as large as the input of usual models', () => {
    const crop = plan(HD, [[0.5, 0.5, 0.02, 0.05]])!;
    expect([crop.width, crop.height]).toEqual([416, 416]);
    expect(Math.abs(crop.left + 208 - 0.51 * 1920)).toBeLessThanOrEqual(1);
    expect(Math.abs(crop.top + 208 - 0.525 * 1080)).toBeLessThanOrEqual(1);
  });

  it('grows with what moves', () => {
    const crop = plan(HD, [[0.4, 0.3, 0.1, 0.35]])!;
    expect(crop.height).toBe(756);
    expect(crop.width).toBe(756);
  });

  it.each([
    ['corner', [0.98, 0.97, 0.02, 0.03]],
    ['other corner', [0, 0, 0.01, 0.01]],
  ] as Array<[string, Box]>)('stays inside of the picture in a %s', (_, region) => {
    const { left, top, width, height } = plan(HD, [region])!;
    expect(Math.min(left, top)).toBeGreaterThanOrEqual(0);
    expect(left + width).toBeLessThanOrEqual(HD.width);
    expect(top + height).toBeLessThanOrEqual(HD.height);
  });

  it.each([
    ['nothing is known to move', [], []],
    ['what moves is large', [[0.1, 0.1, 0.5, 0.5]], []],
    [
      'things move far from each other',
      [
        [0, 0, 0.02, 0.02],
        [0.9, 0.9, 0.02, 0.02],
      ],
      [],
    ],
    ['an object that is followed stands elsewhere', [[0, 0, 0.02, 0.02]], [[0.8, 0.5, 0.1, 0.3]]],
  ] as Array<[string, Box[], Box[]]>)('is all of it when %s', (_, regions, keep) => {
    expect(plan(HD, regions, keep)).toBeUndefined();
  });

  it('is all of it when the picture is hardly larger than the input of a model', () => {
    expect(plan({ width: 640, height: 360 }, [[0.5, 0.5, 0.02, 0.05]])).toBeUndefined();
  });

  it('keeps the objects that are followed in sight', () => {
    const keep: Box = [0.56, 0.4, 0.03, 0.1];
    const { left, top, width, height } = plan(HD, [[0.5, 0.5, 0.02, 0.05]], [keep])!;
    expect(left).toBeLessThanOrEqual(keep[0] * HD.width);
    expect(left + width).toBeGreaterThanOrEqual((keep[0] + keep[2]) * HD.width);
    expect(top).toBeLessThanOrEqual(keep[1] * HD.height);
    expect(top + height).toBeGreaterThanOrEqual((keep[1] + keep[3]) * HD.height);
  });

  it('is cut out to the pixel, and its boxes lead back to the picture', async () => {
    const red = await sharp({ create: { width: 40, height: 80, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const jpeg = await sharp({ create: { ...HD, channels: 3, background: 'gray' } })
      .composite([{ input: red, left: 1000, top: 500 }])
      .jpeg()
      .toBuffer();
    const truth: Box = [1000 / 1920, 500 / 1080, 40 / 1920, 80 / 1080];
    const { jpeg: cut, crop } = (await cutOut({ jpeg }, areaToShow(HD, [truth])!))!;
    expect(jpegSize(cut)).toEqual({ width: crop.width, height: crop.height });
    const { data, info } = await sharp(cut).raw().toBuffer({ resolveWithObject: true });
    const isRed = (x: number, y: number) =>
      data[(y * info.width + x) * 3]! > 200 && data[(y * info.width + x) * 3 + 1]! < 100;
    const columns = Array.from({ length: info.width }, (_, x) => x).filter((x) => isRed(x, 540 - crop.top));
    const rows = Array.from({ length: info.height }, (_, y) => y).filter((y) => isRed(1020 - crop.left, y));
    const found: Box = [
      columns[0]! / info.width,
      rows[0]! / info.height,
      columns.length / info.width,
      rows.length / info.height,
    ];
    const [detection] = uncrop([{ label: 'x', score: 1, box: found }], crop, HD);
    detection!.box.forEach((value, index) => void expect(Math.abs(value - truth[index]!)).toBeLessThan(0.003));
    expect(cut.length).toBeLessThan(jpeg.length);
  });

  it('is the one that the decoder made where that holds what has to be seen, and cut out where it does not', async () => {
    const jpeg = await sharp({ create: { ...HD, channels: 3, background: 'gray' } })
      .jpeg()
      .toBuffer();
    const part = { left: 700, top: 300, side: 416, jpeg: Buffer.from('made by the decoder') };
    const inside = await cutOut({ jpeg, part }, [720 / 1920, 320 / 1080, 100 / 1920, 390 / 1080]);
    expect(inside).toEqual({ jpeg: part.jpeg, crop: { left: 700, top: 300, width: 416, height: 416 }, size: HD });
    const outside = await cutOut({ jpeg, part }, [690 / 1920, 320 / 1080, 100 / 1920, 390 / 1080]);
    expect(jpegSize(outside!.jpeg)).toEqual({ width: 416, height: 416 });
    expect(outside!.crop.left).toBeLessThan(690);
    expect(await cutOut({ jpeg, part }, [0, 0, 1, 1])).toBeUndefined();
  });
});
