/**
 * Motion seen by comparing keyframes: cheap, coarse and forgiving, because it only decides whether the decoder wakes. The picture is
 * averaged over blocks; each block has a slow background, a usual unrest and a mask of its own. A ticking clock or a swaying tree is masked
 * here, and only here: the detector looks at everything again once the camera is awake.
 */
import type { LumaFrame } from '../frame.ts';

const COLUMNS = 40;
/** Gray levels by which a block must change, at least, and how many times its usual unrest. */
const MIN_CHANGE = 3;
const UNREST_FACTOR = 5;
/** Weight of a new keyframe in background and unrest. */
const LEARNING = 0.2;
/** A wake in vain masks the region to blame up to this many times the change that it showed. */
const BLAME = 1.5;
/** In which the mask fades to half. */
const BLAME_HALF_LIFE_MS = 10 * 60_000;
const WARM_UP = 3;

/** A block of the picture, and by how many gray levels it changed. */
export interface ChangedBlock {
  readonly index: number;
  readonly change: number;
}

export class KeyframeDifference {
  #columns = 0;
  #rows = 0;
  #background = new Float32Array(0);
  #unrest = new Float32Array(0);
  /** Changes up to this many gray levels were in vain. */
  #mask = new Float32Array(0);
  #change = new Float32Array(0);
  #moved: ChangedBlock[] = [];
  #seen = 0;
  #at = 0;

  /** Takes the next keyframe; true when something changed that usually does not. */
  push(frame: LumaFrame): boolean {
    const blocks = this.#blocks(frame);
    let shift = 0;
    if (this.#seen > 0) {
      // The light may change as a whole: what all blocks do is no motion.
      const differences = blocks.map((value, index) => value - (this.#background[index] ?? 0)).sort();
      shift = differences[differences.length >> 1] ?? 0;
    }
    this.#fade(frame.at);
    this.#moved = [];
    for (let index = 0; index < blocks.length; index += 1) {
      const change = this.#seen > 0 ? Math.abs((blocks[index] ?? 0) - (this.#background[index] ?? 0) - shift) : 0;
      this.#change[index] = change;
      if (change > this.#limit(index)) this.#moved.push({ index, change });
    }
    const isWarm = this.#seen >= WARM_UP;
    const moves = isWarm && this.#moved.length > 0;
    this.#learn(blocks, moves ? LEARNING / 4 : Math.max(LEARNING, 1 / (this.#seen + 1)));
    this.#seen += 1;
    return moves;
  }

  /** Where the latest keyframe changed more than it usually does. */
  get moved(): readonly ChangedBlock[] {
    return this.#moved;
  }

  /**
   * The decoder looked and found nothing: what `blamed` did is usual there, and next to it. A tree is masked as a whole, because its leaves
   * change at another place each time.
   */
  wasWrong(blamed: readonly ChangedBlock[]): void {
    for (const { index } of blamed) this.#mask[index] = Math.max(this.#mask[index] ?? 0, MIN_CHANGE);
    for (const { index, change } of blamed) {
      const level = BLAME * change;
      const region = new Set(this.#around(index));
      for (const block of region) {
        const isMasked = (this.#mask[block] ?? 0) >= MIN_CHANGE;
        this.#mask[block] = Math.max(this.#mask[block] ?? 0, level);
        if (isMasked)
          for (const next of this.#around(block)) if ((this.#mask[next] ?? 0) >= MIN_CHANGE) region.add(next);
      }
    }
  }

  /** Fraction of the picture that is masked because it never rests, 0..1. */
  get restless(): number {
    const masked = this.#mask.filter((mask, index) => Math.max(mask, this.#unrest[index] ?? 0) > MIN_CHANGE).length;
    return this.#mask.length > 0 ? masked / this.#mask.length : 0;
  }

  /** Gray levels beyond which a change of the block is news. */
  #limit(index: number): number {
    return Math.max(MIN_CHANGE + UNREST_FACTOR * (this.#unrest[index] ?? 0), this.#mask[index] ?? 0);
  }

  #around(index: number): number[] {
    const [x, y] = [index % this.#columns, Math.floor(index / this.#columns)];
    const steps = [-1, 0, 1];
    return steps
      .flatMap((dy) => steps.map((dx): [number, number] => [x + dx, y + dy]))
      .filter(([column, row]) => column >= 0 && column < this.#columns && row >= 0 && row < this.#rows)
      .map(([column, row]) => row * this.#columns + column);
  }

  #fade(at: number): void {
    const factor = 0.5 ** (Math.max(0, at - this.#at) / BLAME_HALF_LIFE_MS);
    this.#at = at;
    for (let index = 0; index < this.#mask.length; index += 1) this.#mask[index] = (this.#mask[index] ?? 0) * factor;
  }

  #learn(blocks: Float32Array, weight: number): void {
    for (let index = 0; index < blocks.length; index += 1) {
      const change = this.#change[index] ?? 0;
      this.#background[index] =
        (this.#background[index] ?? 0) + weight * ((blocks[index] ?? 0) - (this.#background[index] ?? 0));
      if (this.#seen > 0)
        this.#unrest[index] = (this.#unrest[index] ?? 0) + weight * (change - (this.#unrest[index] ?? 0));
    }
  }

  #blocks({ width, height, data }: LumaFrame): Float32Array {
    const columns = Math.min(COLUMNS, width);
    const rows = Math.max(1, Math.min(height, Math.round((columns * height) / width)));
    if (columns !== this.#columns || rows !== this.#rows) {
      [this.#columns, this.#rows, this.#seen] = [columns, rows, 0];
      this.#background = new Float32Array(columns * rows);
      this.#unrest = new Float32Array(columns * rows);
      this.#mask = new Float32Array(columns * rows);
      this.#change = new Float32Array(columns * rows);
    }
    const sums = new Float32Array(columns * rows);
    const counts = new Float32Array(columns * rows);
    for (let y = 0; y < height; y += 1) {
      const row = Math.floor((y * rows) / height) * columns;
      for (let x = 0; x < width; x += 1) {
        const block = row + Math.floor((x * columns) / width);
        sums[block] = (sums[block] ?? 0) + (data[y * width + x] ?? 0);
        counts[block] = (counts[block] ?? 0) + 1;
      }
    }
    return sums.map((sum, index) => sum / Math.max(1, counts[index] ?? 1));
  }
}
