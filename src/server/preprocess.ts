/**
 * From the bytes of a picture to the input tensor of a model.
 */
import sharp from 'sharp';
import { FramegateError } from '../lib/errors.ts';
import type { ModelInput } from '../models/manifest.ts';
import type { Fit } from './decoders/decoder.ts';

/** 8K and 48-megapixel cameras pass; a few kB that unpack to gigabytes do not. */
const MAX_PIXELS = 64_000_000;

export interface Prepared {
  /** In the layout of the model, without the batch axis. */
  readonly data: Float32Array | Uint8Array;
  readonly fit: Fit;
  /** Size of the picture in pixels, after its EXIF orientation was applied. */
  readonly width: number;
  readonly height: number;
}

/** Decodes, turns upright, scales and arranges a picture. Throws ERR_IMAGE_INVALID for all that is no whole picture. */
export async function preprocess(image: Uint8Array, input: ModelInput): Promise<Prepared> {
  try {
    // A cut-off JPEG is an error: half a frame of gray would look like a frame without anything in it.
    const picture = sharp(image, { failOn: 'error', limitInputPixels: MAX_PIXELS });
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
    const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new FramegateError('ERR_IMAGE_INVALID', `the picture cannot be decoded (${reason})`, {
      cause: error,
      hint: 'send a whole JPEG or PNG',
      retryable: false,
    });
  }
}

function fitOf(width: number, height: number, input: ModelInput): Fit {
  if (input.fit === 'stretch') return { width: input.width, height: input.height };
  const ratio = Math.min(input.width / width, input.height / height);
  return {
    width: Math.max(1, Math.floor(width * ratio)),
    height: Math.max(1, Math.floor(height * ratio)),
  };
}

/** Interleaved RGB of the size of `fit` -> the tensor of the model; what the picture does not cover has the value of `pad`. */
function arrange(pixels: Uint8Array, fit: Fit, input: ModelInput): Float32Array | Uint8Array {
  const { width, height, layout, type, colour, pad, mean = [0, 0, 0], scale = [1, 1, 1] } = input;
  const data = type === 'uint8' ? new Uint8Array(3 * width * height) : new Float32Array(3 * width * height);
  const [pixelStep, channelStep] = layout === 'nhwc' ? [3, 1] : [1, width * height];
  for (const channel of [0, 1, 2] as const) {
    const from = colour === 'bgr' ? 2 - channel : channel;
    const normalise = (pixel: number) => (type === 'uint8' ? pixel : (pixel - mean[channel]) * scale[channel]);
    const values = Float32Array.from({ length: 256 }, (_, pixel) => normalise(pixel));
    const padding = values[pad] ?? 0;
    for (let y = 0; y < height; y += 1) {
      let to = channel * channelStep + y * width * pixelStep;
      const covered = y < fit.height ? fit.width : 0;
      for (let x = 0; x < width; x += 1, to += pixelStep) {
        data[to] = x < covered ? (values[pixels[(y * fit.width + x) * 3 + from] ?? 0] ?? 0) : padding;
      }
    }
  }
  return data;
}
