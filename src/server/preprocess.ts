/**
 * From the bytes of a picture to the input tensor of a model.
 */
import sharp, { type Sharp } from 'sharp';
import { FramegateError } from '../lib/errors.ts';
import type { ModelInput } from '../models/manifest.ts';
import type { Fit } from './decoders/decoder.ts';
import type { PreparedPicture } from './worker-protocol.ts';

/** 8K and 48-megapixel cameras pass; a few kB that unpack to gigabytes do not. */
const MAX_PIXELS = 64_000_000;

/**
 * Decodes, turns upright, scales and arranges a picture; the size that is answered is that of the upright picture. Throws
 * ERR_IMAGE_INVALID for all that is no whole picture.
 */
export async function preprocess(image: Uint8Array, input: ModelInput): Promise<PreparedPicture> {
  try {
    // A cut-off JPEG is an error: half a frame of gray would look like a frame without anything in it.
    const picture = openPicture(image);
    const { width, height } = (await picture.metadata()).autoOrient;
    const fit = fitOf(width, height, input);
    const pixels = await picture
      .autoOrient()
      .toColourspace('srgb')
      .removeAlpha()
      .resize(fit.width, fit.height, { fit: 'fill', kernel: 'linear' })
      .raw({ depth: 'uchar' })
      .toBuffer();
    return { data: arrange(pixels, fit, input), fit, width, height };
  } catch (error) {
    throw undecodable(error);
  }
}

/** Refuses bombs; a picture that ends early is an error once its pixels are asked for. */
export function openPicture(image: Uint8Array): Sharp {
  return sharp(image, { failOn: 'error', limitInputPixels: MAX_PIXELS });
}

export function undecodable(error: unknown): FramegateError {
  const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
  return new FramegateError('ERR_IMAGE_INVALID', `the picture cannot be decoded (${reason})`, {
    cause: error,
    hint: 'send a whole JPEG or PNG',
    retryable: false,
  });
}

/**
 * Letterboxes as the models' own code makes them: YOLOX cuts the size off and keeps the corner, YOLOv8 rounds and centres.
 * Sources: YOLOX `yolox/data/data_augment.py` (preproc), ultralytics `LetterBox`.
 */
function fitOf(width: number, height: number, input: ModelInput): Fit {
  if (input.fit === 'stretch') return { width: input.width, height: input.height };
  const ratio = Math.min(input.width / width, input.height / height);
  if (input.fit === 'letterbox') {
    return {
      width: Math.max(1, Math.floor(width * ratio)),
      height: Math.max(1, Math.floor(height * ratio)),
    };
  }
  const fit = { width: Math.max(1, Math.round(width * ratio)), height: Math.max(1, Math.round(height * ratio)) };
  const before = (whole: number, part: number) => Math.max(0, Math.round((whole - part) / 2 - 0.1));
  return { ...fit, left: before(input.width, fit.width), top: before(input.height, fit.height) };
}

/** Interleaved RGB of the size of `fit` -> the tensor of the model; what the picture does not cover has the value of `pad`. */
function arrange(pixels: Uint8Array, fit: Fit, input: ModelInput): Float32Array | Uint8Array {
  const { width, height, layout, type, colour, pad, mean = [0, 0, 0], scale = [1, 1, 1] } = input;
  const isCovered = fit.width === width && fit.height === height;
  if (isCovered && type === 'uint8' && layout === 'nhwc' && colour === 'rgb') return pixels;
  const { left = 0, top = 0 } = fit;
  const data = type === 'uint8' ? new Uint8Array(3 * width * height) : new Float32Array(3 * width * height);
  const [pixelStep, channelStep] = layout === 'nhwc' ? [3, 1] : [1, width * height];
  for (const channel of [0, 1, 2] as const) {
    const normalise = (pixel: number) => (type === 'uint8' ? pixel : (pixel - mean[channel]) * scale[channel]);
    const values = Float32Array.from({ length: 256 }, (_, pixel) => normalise(pixel));
    const first = channel * channelStep;
    if (!isCovered) {
      const padding = values[pad] as number;
      for (let to = first, rest = width * height; rest > 0; rest -= 1, to += pixelStep) data[to] = padding;
    }
    let from = colour === 'bgr' ? 2 - channel : channel;
    for (let y = 0; y < fit.height; y += 1) {
      let to = first + ((y + top) * width + left) * pixelStep;
      for (const end = from + fit.width * 3; from < end; from += 3, to += pixelStep) {
        data[to] = values[pixels[from] as number] as number;
      }
    }
  }
  return data;
}
