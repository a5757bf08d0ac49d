import { type Canvas, displace } from './canvas.ts';
import { gaussians, wander } from './random.ts';

type PaintOver = (canvas: Canvas, seconds: number, still: Float32Array) => void;

/**
 * A bush of bright and dark leaves in a rectangle (fractions of the picture). Each patch of it swings by itself, all of it with the wind
 * (0 none, 1 a gust).
 */
export function bush(
  seed: number,
  [left, top, right, bottom]: readonly [number, number, number, number],
  wind: (seconds: number) => number,
): PaintOver {
  const sway = wander(seed, 0.8);
  const leaves = gaussians(seed, 64 * 64);
  let texture: Float32Array | undefined;
  return (canvas, seconds) => {
    const { width, height, pixels } = canvas;
    texture ??= foliage(leaves, width, height);
    const reach = 3.2 * wind(seconds);
    const background = pixels.slice();
    const inside = (x: number, y: number) =>
      x > left * width && x < right * width && y > top * height && y < bottom * height;
    displace(canvas, texture, (x, y) => {
      if (!inside(x, y)) return undefined;
      const patch = (x >> 4) * 0.7 + (y >> 4) * 1.3;
      return [reach * sway(seconds + patch), 0.5 * reach * sway(seconds + patch + 30)];
    });
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        // The outline is ragged and moves as well.
        const edge = 4 * sway(seconds + (y >> 3) * 0.9) * wind(seconds) + 3 * Math.sin(y * 0.9);
        if (inside(x, y) && !inside(x + edge + 4, y)) pixels[y * width + x] = background[y * width + x]!;
      }
    }
  };
}

function foliage(leaves: Float32Array, width: number, height: number): Float32Array {
  const texture = new Float32Array(width * height);
  for (let i = 0; i < texture.length; i += 1) {
    const x = i % width;
    const y = Math.floor(i / width);
    const coarse = leaves[((y >> 2) & 63) * 64 + ((x >> 2) & 63)]!;
    const fine = leaves[((y >> 1) & 63) * 64 + ((x >> 1) & 63)]!;
    texture[i] = 85 + 26 * coarse + 14 * fine;
  }
  return texture;
}

/** Ripples on the lower part of the picture, with glints. */
export function water(top: number): PaintOver {
  return ({ pixels, width, height }, seconds) => {
    for (let y = Math.floor(top * height); y < height; y += 1) {
      const depth = (y / height - top) / (1 - top);
      const size = 3 + 9 * depth;
      for (let x = 0; x < width; x += 1) {
        const wave =
          Math.sin(y / size + seconds * 2.3 + Math.sin(x / (3 * size) + seconds)) +
          Math.sin((x + 0.6 * y) / (1.7 * size) - seconds * 3.1);
        pixels[y * width + x]! += 14 * wave + (wave > 1.7 ? 45 : 0);
      }
    }
  };
}

/** A clock in the upper left corner: digits of 6x9 pixels, the last one changes every second. */
export function clock(canvas: Canvas, seconds: number): void {
  const text = `${100000 + (Math.floor(seconds) % 3600)}`;
  const SEGMENTS = [0x77, 0x24, 0x5d, 0x6d, 0x2e, 0x6b, 0x7b, 0x25, 0x7f, 0x6f];
  for (const [place, digit] of [...text].entries()) {
    const segments = SEGMENTS[Number(digit)]!;
    for (let y = 0; y < 9; y += 1) {
      for (let x = 0; x < 6; x += 1) {
        const lit =
          (y === 0 && segments & 1) ||
          (x === 0 && y < 5 && segments & 2) ||
          (x === 5 && y < 5 && segments & 4) ||
          (y === 4 && segments & 8) ||
          (x === 0 && y > 4 && segments & 16) ||
          (x === 5 && y > 4 && segments & 32) ||
          (y === 8 && segments & 64);
        canvas.pixels[(6 + y) * canvas.width + 8 + place * 8 + x] = lit ? 245 : 20;
      }
    }
  }
}
