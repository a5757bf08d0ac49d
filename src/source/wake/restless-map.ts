/**
 * Where a scene never rests: waving grass, a flag, a spider's web. Motion there does not keep a camera awake for ever; whatever moves beyond
 * it does. Learnt while awake, per block of the picture, as the share of time in which something moves there. The detector sees it all the
 * same.
 */
import type { Box } from '../../lib/box.ts';

const COLUMNS = 32;
const ROWS = 18;
/** Time over which the share is averaged, and the share from which a block is restless: nobody moves at one place for half of it. */
const AVERAGE_MS = 5 * 60_000;
const RESTLESS_SHARE = 0.5;
/** Part of a region that must lie in restless blocks for the region to be nothing new. */
const COVERED = 0.7;
/** Frames that are further apart are not consecutive. */
const MAX_GAP_MS = 1500;

export class RestlessMap {
  readonly #share = new Float32Array(COLUMNS * ROWS);
  #at: number | undefined;

  /** Takes the regions in which something moves in a decoded frame. */
  learn(at: number, regions: readonly Box[]): void {
    const gap = at - (this.#at ?? at);
    this.#at = at;
    if (gap <= 0 || gap > MAX_GAP_MS) return;
    const weight = 1 - Math.exp(-gap / AVERAGE_MS);
    const moving = new Uint8Array(this.#share.length);
    for (const region of regions) for (const block of blocksOf(region)) moving[block] = 1;
    for (let block = 0; block < moving.length; block += 1) {
      const share = this.#share[block] ?? 0;
      this.#share[block] = share + weight * ((moving[block] ?? 0) - share);
    }
  }

  /** Whether something moves where it usually does not. */
  isNews(regions: readonly Box[]): boolean {
    return regions.some((region) => {
      const blocks = blocksOf(region);
      const known = blocks.filter((block) => (this.#share[block] ?? 0) >= RESTLESS_SHARE).length;
      return known < COVERED * blocks.length;
    });
  }

  /** Restless part of the picture, 0..1. */
  get fraction(): number {
    return this.#share.filter((share) => share >= RESTLESS_SHARE).length / this.#share.length;
  }
}

function blocksOf([x, y, width, height]: Box): number[] {
  const blocks: number[] = [];
  const [left, right] = [Math.floor(x * COLUMNS), Math.ceil((x + width) * COLUMNS)];
  const [top, bottom] = [Math.floor(y * ROWS), Math.ceil((y + height) * ROWS)];
  for (let row = Math.max(0, top); row < Math.min(ROWS, bottom); row += 1)
    for (let column = Math.max(0, left); column < Math.min(COLUMNS, right); column += 1)
      blocks.push(row * COLUMNS + column);
  return blocks;
}
