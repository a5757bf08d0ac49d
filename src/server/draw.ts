/**
 * Boxes drawn into a picture, for clients that ask for an image. No SVG: its parser has no place in a process that gets bytes from the
 * network.
 */
import sharp, { type OverlayOptions } from 'sharp';
import type { Detection } from '../inference/detection.ts';
import { openPicture, undecodable } from './preprocess.ts';
import type { Drawing } from './worker-protocol.ts';

const QUALITY = 90;
/** Letters of about 16 pixels. */
const DPI = 96;

/** Distinct and bright; a label has the same colour in every picture. */
const COLOURS = [
  [255, 64, 64],
  [64, 200, 64],
  [64, 128, 255],
  [255, 200, 0],
  [255, 0, 200],
  [0, 220, 220],
] as const;

/** A JPEG of the upright picture with its boxes. Throws ERR_IMAGE_INVALID. */
export async function draw(image: Uint8Array, found: readonly Detection[], drawing: Drawing): Promise<Uint8Array> {
  const upright = openPicture(image).autoOrient().toColourspace('srgb').removeAlpha().raw({ depth: 'uchar' });
  const { data, info } = await upright.toBuffer({ resolveWithObject: true }).catch((error: unknown) => {
    throw undecodable(error);
  });
  for (const { label, box } of found) {
    const [x, y, width, height] = box;
    const corners = [x * info.width, y * info.height, (x + width) * info.width, (y + height) * info.height];
    outline(data, info, corners.map(Math.round) as [number, number, number, number], drawing.stroke, colourOf(label));
  }
  const picture = sharp(data, { raw: { width: info.width, height: info.height, channels: 3 } });
  const texts = drawing.labels ? await captions(found, info) : [];
  return picture.composite(texts).jpeg({ quality: QUALITY }).toBuffer();
}

interface Size {
  readonly width: number;
  readonly height: number;
}

type Colour = readonly [number, number, number];

function outline(
  pixels: Uint8Array,
  size: Size,
  [left, top, right, bottom]: readonly [number, number, number, number],
  stroke: number,
  colour: Colour,
): void {
  fill(pixels, size, left, top, right, top + stroke, colour);
  fill(pixels, size, left, bottom - stroke, right, bottom, colour);
  fill(pixels, size, left, top, left + stroke, bottom, colour);
  fill(pixels, size, right - stroke, top, right, bottom, colour);
}

function fill(
  pixels: Uint8Array,
  { width, height }: Size,
  left: number,
  top: number,
  right: number,
  bottom: number,
  colour: Colour,
): void {
  for (let y = Math.max(0, top); y < Math.min(height, bottom); y += 1) {
    for (let x = Math.max(0, left); x < Math.min(width, right); x += 1) pixels.set(colour, (y * width + x) * 3);
  }
}

async function captions(found: readonly Detection[], size: Size): Promise<OverlayOptions[]> {
  const texts = found.map(async ({ label, score, box }) => {
    const plain = `${label} ${score.toFixed(2)}`.replace(/[<>&]/g, ' ');
    const text = `<span background="${hex(colourOf(label))}" foreground="black">${plain}</span>`;
    const { data, info } = await sharp({ text: { text, rgba: true, dpi: DPI } })
      .png()
      .toBuffer({ resolveWithObject: true });
    const left = Math.round(box[0] * size.width);
    const top = Math.round(box[1] * size.height) - info.height;
    const isInside = info.width <= size.width && info.height <= size.height;
    return isInside
      ? [{ input: data, left: clamp(left, size.width - info.width), top: clamp(top, size.height - info.height) }]
      : [];
  });
  return (await Promise.all(texts)).flat();
}

const clamp = (value: number, max: number) => Math.max(0, Math.min(max, value));

const hex = (parts: readonly number[]) => `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`;

function colourOf(label: string): Colour {
  const sum = [...label].reduce((total, letter) => total + (letter.codePointAt(0) ?? 0), 0);
  return COLOURS[sum % COLOURS.length] ?? COLOURS[0];
}
