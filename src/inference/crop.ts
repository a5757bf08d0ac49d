/**
 * Showing the model only the part of the picture in which something moves. A model sees its input of some hundred pixels, to which the server
 * shrinks whatever it gets: a person of 60 pixels in a picture of 2560 is left with ten.
 */
import { type Box, clip } from '../lib/box.ts';
import type { Detection } from './detection.ts';
import type { PixelSize } from './jpeg-size.ts';

/** A part of a picture, in whole pixels. */
export interface Crop extends PixelSize {
  readonly left: number;
  readonly top: number;
}

/** Usual models have inputs of this many pixels: a smaller part would only be enlarged again. */
const MIN_SIDE = 416;
/** On each side, in parts of what moves: the model needs surroundings, and what moves is mostly a part of the object. */
const PADDING = 0.5;
/** A part that is larger than this, against the longer side of the picture, would gain nothing that is worth the work. */
const MAX_SHARE = 0.6;

/**
 * A square around all of `regions`, which are fractions of the picture; undefined when the whole picture should be shown. `keep` has to stay in
 * sight as it is.
 */
export function planCrop(
  { width, height }: PixelSize,
  regions: readonly Box[],
  keep: readonly Box[] = [],
): Crop | undefined {
  const moving = around(regions);
  if (!moving) return undefined;
  const padding = PADDING * Math.max(moving[2] * width, moving[3] * height);
  const grown = pad(moving, padding / width, padding / height);
  const [x, y, w, h] = around([grown, ...keep]) ?? grown;
  const wanted = Math.max(MIN_SIDE, w * width, h * height);
  if (wanted > MAX_SHARE * Math.max(width, height)) return undefined;
  const side = Math.round(Math.min(wanted, width, height));
  // What must be seen is wider than the picture is high, or the other way round.
  if (side < Math.floor(Math.max(w * width, h * height))) return undefined;
  const place = (centre: number, size: number) => Math.round(Math.min(size - side, Math.max(0, centre - side / 2)));
  return {
    left: place((x + w / 2) * width, width),
    top: place((y + h / 2) * height, height),
    width: side,
    height: side,
  };
}

/** Cuts the part out. Rejects when the picture cannot be decoded. */
export async function cropPicture(jpeg: Buffer, crop: Crop): Promise<Buffer> {
  // Loaded when it is needed: it takes 20 MB.
  const { default: sharp } = await import('sharp');
  return sharp(jpeg)
    .extract({ left: crop.left, top: crop.top, width: crop.width, height: crop.height })
    .jpeg({ quality: 90 })
    .toBuffer();
}

/** Detections in fractions of `crop` to those in fractions of the picture. */
export function uncrop(detections: readonly Detection[], crop: Crop, { width, height }: PixelSize): Detection[] {
  return detections.map((detection) => {
    const [x, y, w, h] = detection.box;
    const box: Box = [
      (crop.left + x * crop.width) / width,
      (crop.top + y * crop.height) / height,
      (w * crop.width) / width,
      (h * crop.height) / height,
    ];
    return { ...detection, box };
  });
}

/** The smallest box that holds all; undefined for none. */
function around(boxes: readonly Box[]): Box | undefined {
  if (boxes.length === 0) return undefined;
  const left = Math.min(...boxes.map(([x]) => x));
  const top = Math.min(...boxes.map(([, y]) => y));
  const right = Math.max(...boxes.map(([x, , w]) => x + w));
  const bottom = Math.max(...boxes.map(([, y, , h]) => y + h));
  return [left, top, right - left, bottom - top];
}

function pad([x, y, w, h]: Box, across: number, down: number): Box {
  return clip([x - across, y - down, w + 2 * across, h + 2 * down]);
}
