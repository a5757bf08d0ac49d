import { createRegionFinder, type RegionFinder } from './regions.ts';
import { createShrink, type Shrink } from './shrink.ts';

/** What one look at a frame works with; nothing in it outlives the look. */
export interface Workbench {
  readonly shrink: Shrink;
  readonly findRegions: RegionFinder;
  /** The shrunk frame. */
  readonly pixels: Uint16Array;
  /** Room for the frame without the camera's shaking. */
  readonly unshifted: Uint16Array;
}

/** A camera that changes its size again and again must not fill the memory; what a detector has, it keeps. */
const MAX_SIZES = 16;

const benches = new Map<string, Workbench>();

/** Of frames of this size. All cameras that have it share one, a quarter of a megabyte: their looks never overlap. */
export function workbenchFor(frameWidth: number, frameHeight: number): Workbench {
  const size = `${frameWidth}x${frameHeight}`;
  const width = frameWidth >> 1;
  const height = frameHeight >> 1;
  const bench = benches.get(size) ?? {
    shrink: createShrink(frameWidth, frameHeight),
    findRegions: createRegionFinder(width, height),
    pixels: new Uint16Array(width * height),
    unshifted: new Uint16Array(width * height),
  };
  if (benches.size >= MAX_SIZES) benches.clear();
  benches.set(size, bench);
  return bench;
}
