import { contains, type Polygon } from '../lib/polygon.ts';

/**
 * Rasterises masked areas for frames of `width * height` pixels: 1 where motion is ignored. A pixel is masked when its middle lies in one
 * of `areas`, and so are its eight neighbours, into which `shrink` carries its changes.
 */
export function rasterise(areas: readonly Polygon[], width: number, height: number): Uint8Array {
  const masked = new Uint8Array(width * height);
  for (const area of areas) {
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        if (contains(area, [(x + 0.5) / width, (y + 0.5) / height])) mark(masked, width, height, x, y);
      }
    }
  }
  return masked;
}

/** Sets a pixel and its neighbours. */
function mark(masked: Uint8Array, width: number, height: number, x: number, y: number): void {
  for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row += 1) {
    masked.fill(1, row * width + Math.max(0, x - 1), row * width + Math.min(width, x + 2));
  }
}
