import { HEIGHT, type Plane, planes, WIDTH } from './image.ts';
import type { Rectangle } from './walks.ts';

/** Gray levels by which a pixel must differ from the empty scene to belong to somebody: above the noise of vtest's own codec. */
const DIFFERENCE = 18;
const CHROMA_DIFFERENCE = 10;
/** Pixels over which the edge of the matte fades. */
const FEATHER = 4;

/**
 * Copies whoever is within `box` of `image` into `target`, at the same place. The matte is where `image` differs from the empty scene, grown
 * and feathered, so that no edge and no noise of the clip comes along.
 * @param box undefined: all of the picture.
 */
export function pasteFigure(target: Uint8Array, image: Uint8Array, empty: Uint8Array, box?: Rectangle): void {
  const [left, top, right, bottom] = box ?? [0, 0, WIDTH, HEIGHT];
  const area: Rectangle = [Math.max(0, left), Math.max(0, top), Math.min(WIDTH, right), Math.min(HEIGHT, bottom)];
  const alpha = feather(differs(planes(image), planes(empty), area), area);
  const width = area[2] - area[0];
  const [targets, images] = [planes(target), planes(image)];
  for (const [index, plane] of targets.entries()) {
    const { scale, data } = plane;
    const from = images[index]!.data;
    for (let y = Math.ceil(area[1] / scale); y < Math.floor(area[3] / scale); y += 1) {
      for (let x = Math.ceil(area[0] / scale); x < Math.floor(area[2] / scale); x += 1) {
        const weight = alpha[(y * scale - area[1]) * width + x * scale - area[0]]!;
        if (weight === 0) continue;
        const at = y * plane.width + x;
        data[at] = Math.round(data[at]! + (from[at]! - data[at]!) * weight);
      }
    }
  }
}

/** 1 where a pixel of `area` is not the empty scene. */
function differs(
  image: readonly Plane[],
  empty: readonly Plane[],
  [left, top, right, bottom]: Rectangle,
): Float32Array {
  const mask = new Float32Array((right - left) * (bottom - top));
  const [[y1, u1, v1], [y0, u0, v0]] = [image.map(({ data }) => data), empty.map(({ data }) => data)] as [
    Uint8Array[],
    Uint8Array[],
  ];
  let at = 0;
  for (let y = top; y < bottom; y += 1) {
    for (let x = left; x < right; x += 1, at += 1) {
      const luma = y * WIDTH + x;
      const chroma = (y >> 1) * (WIDTH / 2) + (x >> 1);
      const isOther =
        Math.abs(y1![luma]! - y0![luma]!) > DIFFERENCE ||
        Math.abs(u1![chroma]! - u0![chroma]!) + Math.abs(v1![chroma]! - v0![chroma]!) > CHROMA_DIFFERENCE;
      if (isOther) mask[at] = 1;
    }
  }
  return mask;
}

/** Blurs the mask; weights from 0 to 1, 1 inside a figure and fading over its edge, and 0 for single specks. */
function feather(mask: Float32Array, [left, top, right, bottom]: Rectangle): Float32Array {
  const [width, height] = [right - left, bottom - top];
  const blurred = blurColumns(blurRows(mask, width, height), width, height);
  for (let at = 0; at < blurred.length; at += 1) {
    blurred[at] = Math.min(1, Math.max(0, (blurred[at]! - 0.12) * 3));
  }
  return blurred;
}

function blurRows(mask: Float32Array, width: number, height: number): Float32Array {
  return blur(mask, { lines: height, lineStep: width, length: width, step: 1 });
}

function blurColumns(mask: Float32Array, width: number, height: number): Float32Array {
  return blur(mask, { lines: width, lineStep: 1, length: height, step: width });
}

interface Layout {
  readonly lines: number;
  readonly lineStep: number;
  readonly length: number;
  readonly step: number;
}

/** Mean over `FEATHER` pixels to either side, by a running sum. */
function blur(values: Float32Array, { lines, lineStep, length, step }: Layout): Float32Array {
  const result = new Float32Array(values.length);
  for (let line = 0; line < lines; line += 1) {
    const start = line * lineStep;
    let sum = 0;
    for (let i = 0; i < Math.min(FEATHER, length); i += 1) sum += values[start + i * step]!;
    for (let i = 0; i < length; i += 1) {
      if (i + FEATHER < length) sum += values[start + (i + FEATHER) * step]!;
      if (i - FEATHER > 0) sum -= values[start + (i - FEATHER - 1) * step]!;
      result[start + i * step] = sum / (2 * FEATHER + 1);
    }
  }
  return result;
}
