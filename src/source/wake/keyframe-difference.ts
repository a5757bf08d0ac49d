/**
 * Motion seen by comparing keyframes: cheap, coarse and forgiving, because it only decides whether the decoder wakes. The picture is
 * averaged over blocks; each block has a slow background and a usual unrest of its own, so that a ticking clock or a swaying tree is
 * masked here, and only here: the detector looks at everything again once the camera is awake.
 */
import type { LumaFrame } from '../frame.ts';

const COLUMNS = 40;
/** Gray levels by which a block must change, at least, and how many times its usual unrest. */
const MIN_CHANGE = 3;
const UNREST_FACTOR = 5;
/** Weight of a new keyframe in background and unrest. */
const LEARNING = 0.2;
/** What a wake in vain adds to the unrest of the blocks to blame. */
const BLAME = 0.5;
const WARM_UP = 3;

export class KeyframeDifference {
  #columns = 0;
  #rows = 0;
  #background = new Float32Array(0);
  #unrest = new Float32Array(0);
  #change = new Float32Array(0);
  #seen = 0;

  /** Takes the next keyframe; true when something changed that usually does not. */
  push(frame: LumaFrame): boolean {
    const blocks = this.#blocks(frame);
    let shift = 0;
    if (this.#seen > 0) {
      // The light may change as a whole: what all blocks do is no motion.
      const differences = blocks.map((value, index) => value - (this.#background[index] ?? 0)).sort();
      shift = differences[differences.length >> 1] ?? 0;
    }
    let moved = 0;
    for (let index = 0; index < blocks.length; index += 1) {
      const change = this.#seen > 0 ? Math.abs((blocks[index] ?? 0) - (this.#background[index] ?? 0) - shift) : 0;
      this.#change[index] = change;
      if (change > MIN_CHANGE + UNREST_FACTOR * (this.#unrest[index] ?? 0)) moved += 1;
    }
    const isWarm = this.#seen >= WARM_UP;
    this.#learn(blocks, isWarm && moved > 0 ? LEARNING / 4 : Math.max(LEARNING, 1 / (this.#seen + 1)));
    this.#seen += 1;
    return isWarm && moved > 0;
  }

  /** The decoder looked and found nothing: what changed last is usual here. */
  wasWrong(): void {
    for (let index = 0; index < this.#unrest.length; index += 1) {
      const excess = (this.#change[index] ?? 0) - MIN_CHANGE - UNREST_FACTOR * (this.#unrest[index] ?? 0);
      if (excess > 0) this.#unrest[index] = (this.#unrest[index] ?? 0) + (excess / UNREST_FACTOR) * (1 + BLAME);
    }
  }

  /** Fraction of the picture that is masked because it never rests, 0..1. */
  get restless(): number {
    const masked = this.#unrest.filter((unrest) => unrest > MIN_CHANGE).length;
    return this.#unrest.length > 0 ? masked / this.#unrest.length : 0;
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
