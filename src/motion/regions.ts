/** A changed pixel with fewer changed neighbours than this is a speck, not part of something. */
const MIN_NEIGHBOURS = 3;
/** More regions than this are weather: the largest tell enough. */
const MAX_PATCHES = 24;

/** A connected changed area. Borders are pixels, inclusive. */
export interface Patch {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  /** Number of changed pixels. */
  readonly area: number;
}

export interface Region extends Patch {
  /** Its changed pixels; valid until regions are looked for again. */
  readonly pixels: Int32Array;
}

/**
 * Finds the connected regions in which at least `minPixels` of `changed` (1 or 0 per pixel) are set; the largest ones, largest first.
 */
export type RegionFinder = (changed: Uint8Array, minPixels: number) => Region[];

/**
 * Removes specks, dilates by 3x3 (an object rarely differs from its background everywhere) and labels by 8-connected flood fill. Sizes
 * and borders count the changed pixels, not the dilation. The outermost pixels of the frame count only as neighbours.
 */
export function createRegionFinder(width: number, height: number): RegionFinder {
  const solid = new Uint8Array(width * height);
  /** The dilation of `solid`; the flood clears what it has visited. */
  const unvisited = new Uint8Array(width * height);
  const stack = new Int32Array(width * height);
  const pixels = new Int32Array(width * height);
  let end = 0;

  const flood = (seed: number): Region => {
    const begin = end;
    let left = width;
    let right = 0;
    let top = height;
    let bottom = 0;
    let depth = 1;
    stack[0] = seed;
    unvisited[seed] = 0;
    while (depth > 0) {
      depth -= 1;
      const i = stack[depth]!;
      const y = (i / width) | 0;
      const x = i - y * width;
      if (solid[i] === 1) {
        pixels[end] = i;
        end += 1;
        if (x < left) left = x;
        if (x > right) right = x;
        if (y < top) top = y;
        if (y > bottom) bottom = y;
      }
      const lastRow = y < height - 1 ? y + 1 : y;
      const lastColumn = x < width - 1 ? x + 1 : x;
      for (let row = y > 0 ? y - 1 : 0; row <= lastRow; row += 1) {
        for (let column = x > 0 ? x - 1 : 0; column <= lastColumn; column += 1) {
          const neighbour = row * width + column;
          if (unvisited[neighbour] === 0) continue;
          unvisited[neighbour] = 0;
          stack[depth] = neighbour;
          depth += 1;
        }
      }
    }
    return { left, top, right, bottom, area: end - begin, pixels: pixels.subarray(begin, end) };
  };

  return (changed, minPixels) => {
    if (consolidate(changed, width, height, solid, unvisited) < minPixels) return [];
    const found: Region[] = [];
    end = 0;
    for (let i = unvisited.indexOf(1); i >= 0; i = unvisited.indexOf(1, i + 1)) {
      const region = flood(i);
      if (region.area >= minPixels) found.push(region);
    }
    found.sort((a, b) => b.area - a.area);
    return found.slice(0, MAX_PATCHES);
  };
}

/** Writes `changed` without specks to `solid` and its 3x3 dilation to `dilated`; returns how many pixels of `solid` are set. */
function consolidate(
  changed: Uint8Array,
  width: number,
  height: number,
  solid: Uint8Array,
  dilated: Uint8Array,
): number {
  solid.fill(0);
  dilated.fill(0);
  let count = 0;
  const end = width * (height - 1) - 1;
  // Most pixels have not changed: the built-in search skips them much faster than a loop.
  const next = (from: number) => (changed[from] === 1 ? from : changed.indexOf(1, from));
  for (let i = next(width + 1); i >= 0 && i < end; i = next(i + 1)) {
    const column = i % width;
    if (column === 0 || column === width - 1) continue;
    const above = i - width;
    const below = i + width;
    const beside = changed[i - 1]! + changed[i + 1]!;
    const over = changed[above - 1]! + changed[above]! + changed[above + 1]!;
    const under = changed[below - 1]! + changed[below]! + changed[below + 1]!;
    if (beside + over + under < MIN_NEIGHBOURS) continue;
    solid[i] = 1;
    count += 1;
    for (let row = above; row <= below; row += width) {
      dilated[row - 1] = 1;
      dilated[row] = 1;
      dilated[row + 1] = 1;
    }
  }
  return count;
}
