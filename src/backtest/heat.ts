import type { Box } from '../lib/box.ts';
import type { HeatMap } from './detail.ts';

const COLUMNS = 48;
const ROWS = 27;

/** Counts in how many frames something moved in each cell of the picture. */
export class Heat {
  readonly #counts = new Uint32Array(COLUMNS * ROWS);

  add(regions: readonly Box[]): void {
    const moving = new Set<number>();
    for (const [x, y, width, height] of regions) {
      const [left, right] = [Math.floor(x * COLUMNS), Math.min(COLUMNS, Math.ceil((x + width) * COLUMNS))];
      const [top, bottom] = [Math.floor(y * ROWS), Math.min(ROWS, Math.ceil((y + height) * ROWS))];
      for (let row = Math.max(0, top); row < bottom; row += 1)
        for (let column = Math.max(0, left); column < right; column += 1) moving.add(row * COLUMNS + column);
    }
    for (const cell of moving) this.#counts[cell] = (this.#counts[cell] ?? 0) + 1;
  }

  map(): HeatMap {
    return { columns: COLUMNS, rows: ROWS, counts: [...this.#counts] };
  }
}
