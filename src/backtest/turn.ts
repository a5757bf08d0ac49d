import type { LumaSize } from '../source/decode/decoder.ts';
import type { Turn } from './clip-info.ts';

/** The size of a picture of this size once it is turned. */
export function turnedSize({ width, height }: LumaSize, turn: Turn): LumaSize {
  return turn === 90 || turn === 270 ? { width: height, height: width } : { width, height };
}

/** Turns a gray picture of this size clockwise; the picture itself where there is nothing to turn. */
export function turned(data: Uint8Array, { width, height }: LumaSize, turn: Turn): Uint8Array {
  if (turn === 0) return data;
  if (turn === 180) return Uint8Array.from(data).reverse();
  const result = new Uint8Array(data.length);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [column, row] = turn === 90 ? [height - 1 - y, x] : [y, width - 1 - x];
      result[row * height + column] = data[y * width + x] ?? 0;
    }
  }
  return result;
}
