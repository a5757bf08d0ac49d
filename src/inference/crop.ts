/**
 * Showing the model only the part of the picture in which something moves. A model sees its input of some hundred pixels, to which the server
 * shrinks whatever it gets: a person of 60 pixels in a picture of 2560 is left with ten.
 */
import { PART_SIDE } from '../ffmpeg/picture-part.ts';
import { type Box, clip } from '../lib/box.ts';
import type { Picture } from '../source/frame.ts';
import type { Detection } from './detection.ts';
import { jpegSize, type PixelSize } from './jpeg-size.ts';
import { loadSharp } from './load-sharp.ts';

/** A part of a picture, in whole pixels. */
export interface Crop extends PixelSize {
  readonly left: number;
  readonly top: number;
}

/** Tables of its own would take a tenth off the bytes and double the time. */
const JPEG = { quality: 90, optimiseCoding: false };
/** A smaller part would only be enlarged again. */
const MIN_SIDE = PART_SIDE;
/** On each side, in parts of what moves: the model needs surroundings, and what moves is mostly a part of the object. */
const PADDING = 0.5;
/** A part that is larger than this, against the longer side of the picture, would gain nothing that is worth the work. */
const MAX_SHARE = 0.6;

/**
 * What the model should see: all of `regions` with surroundings, and `keep` as it is; fractions of the picture, undefined without regions. Of `size`
 * only the proportions count.
 */
export function areaToShow(
  { width, height }: PixelSize,
  regions: readonly Box[],
  keep: readonly Box[] = [],
): Box | undefined {
  const moving = around(regions);
  if (!moving) return undefined;
  const padding = PADDING * Math.max(moving[2] * width, moving[3] * height);
  return around([pad(moving, padding / width, padding / height), ...keep]);
}

/** A square with `area` in it; undefined when the whole picture should be shown. */
export function planCrop({ width, height }: PixelSize, [x, y, w, h]: Box): Crop | undefined {
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

/** What the model is shown instead of the whole picture, with the place and the sizes that lead its boxes back. */
export interface Cut {
  readonly jpeg: Buffer;
  readonly crop: Crop;
  readonly size: PixelSize;
}

/**
 * The part of the picture with `area` in it: the one that the decoder made where it will do, else cut out of the JPEG, which costs decoding it once
 * more. Undefined when the whole picture should be shown.
 */
export async function cutOut({ jpeg, part }: Pick<Picture, 'jpeg' | 'part'>, area: Box): Promise<Cut | undefined> {
  const size = jpegSize(jpeg);
  const crop = size && planCrop(size, area);
  if (!crop) return undefined;
  if (part) {
    const made: Crop = { left: part.left, top: part.top, width: part.side, height: part.side };
    if (holds(made, area, size)) return { jpeg: part.jpeg, crop: made, size };
  }
  try {
    return { jpeg: await cropPicture(jpeg, crop), crop, size };
  } catch {
    // A damaged picture: the model may see more in it than this decoder does.
    return undefined;
  }
}

async function cropPicture(jpeg: Buffer, { left, top, width, height }: Crop): Promise<Buffer> {
  const sharp = await loadSharp();
  return sharp(jpeg).extract({ left, top, width, height }).jpeg(JPEG).toBuffer();
}

function holds(crop: Crop, [x, y, w, h]: Box, { width, height }: PixelSize): boolean {
  return (
    x * width >= crop.left &&
    y * height >= crop.top &&
    (x + w) * width <= crop.left + crop.width &&
    (y + h) * height <= crop.top + crop.height
  );
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
