/**
 * A square part of a picture that the decoder makes into a JPEG of its own, beside or instead of the whole: cutting it out of the whole JPEG would
 * cost decoding that once more. Where it lies is told with each picture, in the lowest bits of its timestamp, so no decoder need be started anew
 * for it. Both sides of that are here.
 */

/** Ticks per second of the timestamps that a decoder is given. */
export const CLOCK = 90_000;
/** Pixels: what the input of usual models has. */
export const PART_SIDE = 416;
/** Places across, and as many down. */
const STEPS = 64;
/** Bits of the timestamp: whether it is wanted at all; then column and row of its place. */
export const PART_BIT = 4;
const COLUMN = PART_BIT * 2;
const ROW = COLUMN * STEPS;
/** All bits are below this. */
export const BITS_END = ROW * STEPS;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** In whole pixels of the picture. */
export interface PartPlace {
  readonly left: number;
  readonly top: number;
  readonly side: number;
}

/** Bits for a part around an area (in fractions of the picture); 0 when the area does not fit into one, or the picture is no larger. */
export function partBits([x, y, w, h]: readonly [number, number, number, number], { width, height }: Size): number {
  if (Math.min(width, height) <= PART_SIDE || w * width > PART_SIDE || h * height > PART_SIDE) return 0;
  const step = (centre: number, length: number) => {
    const start = (centre * length - PART_SIDE / 2) / (length - PART_SIDE);
    return Math.round(Math.min(1, Math.max(0, start)) * (STEPS - 1));
  };
  return PART_BIT + step(x + w / 2, width) * COLUMN + step(y + h / 2, height) * ROW;
}

/** Where the part lies that was asked for with `bits`. */
export function partPlace(bits: number, { width, height }: Size): PartPlace {
  const place = (unit: number, length: number) =>
    2 * Math.floor(((length - PART_SIDE) * (Math.floor(bits / unit) % STEPS)) / (STEPS - 1) / 2);
  return { left: place(COLUMN, width), top: place(ROW, height), side: PART_SIDE };
}

/** The same in ffmpeg's filter language, for frames whose timestamps count `CLOCK`; chroma needs even numbers. */
export function partFilter(): string {
  const place = (unit: number, length: string) =>
    `2*floor((${length}-ow)*mod(floor(round(t*${CLOCK})/${unit}),${STEPS})/${STEPS - 1}/2)`;
  // A smaller picture is never asked for a part, but the filter must start all the same.
  return `crop=w='min(${PART_SIDE},iw)':h='min(${PART_SIDE},ih)':x='${place(COLUMN, 'iw')}':y='${place(ROW, 'ih')}'`;
}
