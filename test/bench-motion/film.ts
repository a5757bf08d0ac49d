import type { LumaFrame } from '../../src/source/frame.ts';

/** `[start, end]` in seconds from the first frame. */
export type Interval = readonly [start: number, end: number];

export interface Truth {
  /** When something that matters moves. */
  readonly motion: readonly Interval[];
  /** What is not scored. */
  readonly ignore: readonly Interval[];
}

/** Something to judge motion detectors by: frames as a camera would deliver them, and what is to be seen in them. */
export interface Film {
  readonly name: string;
  /** `recorded`: a labelled clip; `made`: a scene of this benchmark. */
  readonly kind: 'recorded' | 'made';
  readonly truth: Truth;
  readonly frames: () => Iterable<LumaFrame> | Promise<Iterable<LumaFrame>>;
}
