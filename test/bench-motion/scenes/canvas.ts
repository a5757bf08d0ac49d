import type { Sprite } from './sprite.ts';

/** A picture being painted: gray levels row by row, not yet limited to 0..255. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly pixels: Float32Array;
}

/** Puts a sprite with its foot (middle of the lower edge) at a point in pixels, between pixels by interpolation. */
export function stamp(
  { pixels, width, height }: Canvas,
  sprite: Sprite,
  footX: number,
  footY: number,
  light = 1,
): void {
  const left = footX - sprite.width / 2;
  const top = footY - sprite.height;
  const firstX = Math.floor(left);
  const firstY = Math.floor(top);
  const shiftX = left - firstX;
  const shiftY = top - firstY;
  for (let row = 0; row <= sprite.height; row += 1) {
    const y = firstY + row;
    if (y < 0 || y >= height) continue;
    for (let column = 0; column <= sprite.width; column += 1) {
      const x = firstX + column;
      if (x < 0 || x >= width) continue;
      let alpha = 0;
      let gray = 0;
      for (const [dx, dy] of [
        [0, 0],
        [1, 0],
        [0, 1],
        [1, 1],
      ] as const) {
        const sx = column - dx;
        const sy = row - dy;
        if (sx < 0 || sy < 0 || sx >= sprite.width || sy >= sprite.height) continue;
        const weight = (dx === 1 ? shiftX : 1 - shiftX) * (dy === 1 ? shiftY : 1 - shiftY);
        const part = weight * sprite.alpha[sy * sprite.width + sx]!;
        alpha += part;
        gray += part * sprite.gray[sy * sprite.width + sx]!;
      }
      const i = y * width + x;
      pixels[i] = pixels[i]! * (1 - alpha) + gray * light;
    }
  }
}

/** A soft spot: adds `level` in its middle, falling off like a bell with the given radii in pixels. */
export function glow(canvas: Canvas, x: number, y: number, radiusX: number, radiusY: number, level: number): void {
  each(canvas, x - 2.5 * radiusX, y - 2.5 * radiusY, x + 2.5 * radiusX, y + 2.5 * radiusY, (i, px, py) => {
    canvas.pixels[i]! += level * Math.exp(-0.5 * (((px - x) / radiusX) ** 2 + ((py - y) / radiusY) ** 2));
  });
}

/** A line of some width, blended over what is there. */
export function stroke(
  canvas: Canvas,
  from: readonly [number, number],
  to: readonly [number, number],
  width: number,
  level: number,
  alpha: number,
): void {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const length = Math.max(1e-6, Math.hypot(dx, dy));
  const [left, right] = [Math.min(from[0], to[0]) - width, Math.max(from[0], to[0]) + width];
  const [top, bottom] = [Math.min(from[1], to[1]) - width, Math.max(from[1], to[1]) + width];
  each(canvas, left, top, right, bottom, (i, x, y) => {
    const along = Math.min(1, Math.max(0, ((x - from[0]) * dx + (y - from[1]) * dy) / (length * length)));
    const away = Math.hypot(x - from[0] - along * dx, y - from[1] - along * dy);
    const cover = alpha * Math.min(1, Math.max(0, width / 2 + 0.5 - away));
    canvas.pixels[i] = canvas.pixels[i]! * (1 - cover) + cover * level;
  });
}

/** Multiplies each pixel by a light that depends on its place, in fractions of the picture. */
export function illuminate({ pixels, width, height }: Canvas, light: (x: number, y: number) => number): void {
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) pixels[y * width + x]! *= light(x / width, y / height);
  }
}

/** Moves part of the picture by `[dx, dy]` pixels, given per pixel, reading between pixels; `source` is the picture before. */
export function displace(
  { pixels, width, height }: Canvas,
  source: Float32Array,
  shift: (x: number, y: number) => readonly [number, number] | undefined,
): void {
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const by = shift(x, y);
      if (!by) continue;
      const sx = Math.min(width - 1.001, Math.max(0, x + by[0]));
      const sy = Math.min(height - 1.001, Math.max(0, y + by[1]));
      const i = (sy | 0) * width + (sx | 0);
      const [fx, fy] = [sx - (sx | 0), sy - (sy | 0)];
      const upper = source[i]! * (1 - fx) + source[i + 1]! * fx;
      const lower = source[i + width]! * (1 - fx) + source[i + width + 1]! * fx;
      pixels[y * width + x] = upper * (1 - fy) + lower * fy;
    }
  }
}

function each(
  canvas: Canvas,
  left: number,
  top: number,
  right: number,
  bottom: number,
  visit: (i: number, x: number, y: number) => void,
): void {
  const { width, height } = canvas;
  for (let y = Math.max(0, Math.floor(top)); y <= Math.min(height - 1, Math.ceil(bottom)); y += 1) {
    for (let x = Math.max(0, Math.floor(left)); x <= Math.min(width - 1, Math.ceil(right)); x += 1) {
      visit(y * width + x, x, y);
    }
  }
}
