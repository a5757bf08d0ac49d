import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import type { ModelInput } from '../../src/models/manifest.ts';
import { preprocess } from '../../src/server/preprocess.ts';

const letterbox: ModelInput = {
  width: 4,
  height: 4,
  layout: 'nchw',
  type: 'float32',
  colour: 'bgr',
  fit: 'letterbox',
  pad: 114,
};
const stretch: ModelInput = { ...letterbox, layout: 'nhwc', type: 'uint8', colour: 'rgb', fit: 'stretch' };
const orange = { r: 250, g: 130, b: 10 };

const plain = (
  width: number,
  height: number,
  background: { r: number; g: number; b: number; alpha?: number } = orange,
) => sharp({ create: { width, height, channels: background.alpha === undefined ? 3 : 4, background } });

/** Two pixels side by side: red and blue. */
const redBlue = (metadata = {}) =>
  sharp(Buffer.from([255, 0, 0, 0, 0, 255]), { raw: { width: 2, height: 1, channels: 3 } })
    .withMetadata(metadata)
    .png()
    .toBuffer();

describe('letterbox', () => {
  test('puts the picture into the top left corner, blue plane first, and pads with 114', async () => {
    const { data, fit, width, height } = await preprocess(await plain(8, 4).png().toBuffer(), letterbox);
    expect({ fit, width, height }).toEqual({ fit: { width: 4, height: 2 }, width: 8, height: 4 });
    const plane = (value: number) => [...Array(8).fill(value), ...Array(8).fill(114)];
    expect([...data]).toEqual([...plane(10), ...plane(130), ...plane(250)]);
  });

  test('pads on the right of an upright picture and enlarges a small one', async () => {
    const { data, fit } = await preprocess(await plain(1, 2).png().toBuffer(), letterbox);
    expect(fit).toEqual({ width: 2, height: 4 });
    expect([...data.slice(0, 8)]).toEqual([10, 10, 114, 114, 10, 10, 114, 114]);
  });

  test('applies mean and scale of the model, to the padding too', async () => {
    const input: ModelInput = { ...letterbox, mean: [10, 30, 50], scale: [1, 0.5, 0.25] };
    const { data } = await preprocess(await plain(4, 2).png().toBuffer(), input);
    expect([data[0], data[16], data[32]]).toEqual([0, 50, 50]);
    expect([data[15], data[31], data[47]]).toEqual([104, 42, 16]);
  });
});

describe('centred letterbox', () => {
  test('has the padding on both sides, and says where the picture begins', async () => {
    const input: ModelInput = { ...letterbox, fit: 'letterbox-centre' };
    const { data, fit } = await preprocess(await plain(8, 4).png().toBuffer(), input);
    expect(fit).toEqual({ width: 4, height: 2, left: 0, top: 1 });
    const plane = (value: number) => [...Array(4).fill(114), ...Array(8).fill(value), ...Array(4).fill(114)];
    expect([...data]).toEqual([...plane(10), ...plane(130), ...plane(250)]);
  });
});

describe('stretch', () => {
  test('fills the whole input with interleaved red, green, blue', async () => {
    const { data, fit } = await preprocess(await plain(8, 2).png().toBuffer(), stretch);
    expect(fit).toEqual({ width: 4, height: 4 });
    expect(data).toBeInstanceOf(Uint8Array);
    expect([...data]).toEqual(Array(16).fill([250, 130, 10]).flat());
  });
});

describe('pictures of all sorts', () => {
  test('a picture whose EXIF says "turn me" is turned, and its size is that of the upright picture', async () => {
    // Orientation 6: the top of the picture is on the right side of the stored one.
    const { data, width, height } = await preprocess(await redBlue({ orientation: 6 }), {
      ...stretch,
      width: 1,
      height: 2,
    });
    expect({ width, height }).toEqual({ width: 1, height: 2 });
    expect([...data]).toEqual([255, 0, 0, 0, 0, 255]);
  });

  test('gray, transparent and CMYK pictures become three channels', async () => {
    const gray = await plain(4, 4, { r: 90, g: 90, b: 90 }).toColourspace('b-w').png().toBuffer();
    expect([...(await preprocess(gray, stretch)).data.slice(0, 3)]).toEqual([90, 90, 90]);
    const clear = await plain(4, 4, { ...orange, alpha: 0.5 })
      .png()
      .toBuffer();
    expect([...(await preprocess(clear, stretch)).data.slice(0, 3)]).toEqual([250, 130, 10]);
    const cmyk = await plain(4, 4, { r: 255, g: 255, b: 255 }).toColourspace('cmyk').jpeg().toBuffer();
    expect([...(await preprocess(cmyk, stretch)).data.slice(0, 3)].every((value) => value > 240)).toBe(true);
  });

  test('a JPEG that was cut off is refused rather than seen as gray', async () => {
    const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
    const jpeg = await sharp({ create: { width: 320, height: 240, channels: 3, background: orange, noise } })
      .jpeg()
      .toBuffer();
    await expect(preprocess(jpeg, stretch)).resolves.toMatchObject({ width: 320, height: 240 });
    await expect(preprocess(jpeg.subarray(0, jpeg.length / 2), stretch)).rejects.toMatchObject({
      code: 'ERR_IMAGE_INVALID',
      retryable: false,
    });
  });

  test('what is no picture, and a picture of too many pixels, is refused with the reason', async () => {
    await expect(preprocess(Buffer.from('<html>'), stretch)).rejects.toMatchObject({
      code: 'ERR_IMAGE_INVALID',
      message: expect.stringContaining('unsupported image format'),
    });
    const huge = await plain(9000, 9000).png().toBuffer();
    await expect(preprocess(huge, stretch)).rejects.toMatchObject({
      code: 'ERR_IMAGE_INVALID',
      message: expect.stringContaining('pixel limit'),
    });
  });
});
