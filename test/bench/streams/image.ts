/** Size of the scene as vtest.avi has it; streams are scaled from it. */
export const WIDTH = 768;
export const HEIGHT = 576;
/** Frames per second of vtest.avi, and of the scene. */
export const SCENE_FPS = 10;
/** Bytes of one picture, planar YUV 4:2:0. */
export const IMAGE_BYTES = (WIDTH * HEIGHT * 3) / 2;

/** One plane of a picture; `scale` is 1 for luma and 2 for chroma. */
export interface Plane {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly scale: 1 | 2;
}

/** The planes Y, U and V of `bytes`, as views. */
export function planes(bytes: Uint8Array): readonly [Plane, Plane, Plane] {
  const luma = WIDTH * HEIGHT;
  const chroma = luma / 4;
  const half = (start: number): Plane => ({
    data: bytes.subarray(start, start + chroma),
    width: WIDTH / 2,
    height: HEIGHT / 2,
    scale: 2,
  });
  return [{ data: bytes.subarray(0, luma), width: WIDTH, height: HEIGHT, scale: 1 }, half(luma), half(luma + chroma)];
}

/** Numbers from 0 to 1, the same in every run (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
