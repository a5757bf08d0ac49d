import sharp from 'sharp';
import { cutOutFigure } from '../../../src/demo/scene-figure.ts';

/** Something to put into a scene: gray levels and opacity 0..1, row by row. */
export interface Sprite {
  readonly width: number;
  readonly height: number;
  readonly gray: Float32Array;
  readonly alpha: Float32Array;
}

const HEIGHTS = [12, 14, 18, 24, 32, 44, 60, 80, 110, 150];

/** The demo's figure by its height in pixels: the nearest of a set of sizes. */
export type Figures = (height: number, mirrored?: boolean) => Sprite;

export async function loadFigures(): Promise<Figures> {
  const [left, right] = await Promise.all(
    [false, true].map(async (mirrored) => {
      const { png } = await cutOutFigure(155, mirrored);
      return Promise.all(HEIGHTS.map((height) => toSprite(png, height)));
    }),
  );
  return (height, mirrored = false) => {
    const sizes = (mirrored ? right : left) ?? [];
    const nearest = HEIGHTS.findIndex((size) => size >= height * 0.98);
    return sizes[nearest < 0 ? HEIGHTS.length - 1 : nearest]!;
  };
}

async function toSprite(png: Buffer, height: number): Promise<Sprite> {
  const { data, info } = await sharp(png).resize({ height }).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  const pixels = info.width * info.height;
  const gray = new Float32Array(pixels);
  const alpha = new Float32Array(pixels);
  for (let i = 0; i < pixels; i += 1) {
    gray[i] = 0.299 * data[4 * i]! + 0.587 * data[4 * i + 1]! + 0.114 * data[4 * i + 2]!;
    alpha[i] = data[4 * i + 3]! / 255;
  }
  return { width: info.width, height: info.height, gray, alpha };
}

/** An animal on four legs, drawn with shapes: body, head, tail. */
export function cat(length: number, level: number): Sprite {
  const width = Math.round(length);
  const height = Math.round(length * 0.55);
  const gray = new Float32Array(width * height).fill(level);
  const alpha = new Float32Array(width * height);
  for (let i = 0; i < alpha.length; i += 1) {
    const x = ((i % width) + 0.5) / width;
    const y = (Math.floor(i / width) + 0.5) / height;
    const isBody = ((x - 0.45) / 0.36) ** 2 + ((y - 0.45) / 0.26) ** 2 < 1;
    const isHead = ((x - 0.86) / 0.13) ** 2 + ((y - 0.27) / 0.24) ** 2 < 1;
    const isLeg = y > 0.5 && (Math.abs(x - 0.22) < 0.05 || Math.abs(x - 0.68) < 0.05);
    alpha[i] = isBody || isHead || isLeg ? 1 : 0;
  }
  return { width, height, gray, alpha };
}

/** A car from the side: body, roof, windows. */
export function car(length: number, level: number): Sprite {
  const width = Math.round(length);
  const height = Math.round(length * 0.42);
  const gray = new Float32Array(width * height);
  const alpha = new Float32Array(width * height);
  for (let i = 0; i < alpha.length; i += 1) {
    const x = ((i % width) + 0.5) / width;
    const y = (Math.floor(i / width) + 0.5) / height;
    const isRoof = y < 0.45 && x > 0.2 + 0.2 * (0.45 - y) && x < 0.82 - 0.3 * (0.45 - y);
    const isWheel =
      (x - 0.22) ** 2 + ((y - 0.85) * 0.42) ** 2 < 0.0055 || (x - 0.78) ** 2 + ((y - 0.85) * 0.42) ** 2 < 0.0055;
    alpha[i] = isRoof || (y >= 0.4 && y < 0.88) || isWheel ? 1 : 0;
    gray[i] = isWheel ? 20 : isRoof && y > 0.1 && Math.abs(x - 0.5) > 0.04 ? 45 : level;
  }
  return { width, height, gray, alpha };
}
