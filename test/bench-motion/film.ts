import type { Interval, Truth } from '../../src/backtest/truth.ts';
import type { LumaFrame } from '../../src/source/frame.ts';

export type { Interval };

/** Something to judge motion detectors by: frames as a camera would deliver them, and what is to be seen in them. */
export interface Film {
  readonly name: string;
  /** `recorded`: a labelled clip; `made`: a scene of this benchmark; `drawn`, `held out`: scenes by lot, see `scenes/lots.ts`. */
  readonly kind: 'recorded' | 'made' | 'drawn' | 'held out';
  readonly truth: Truth;
  readonly frames: () => Iterable<LumaFrame> | Promise<Iterable<LumaFrame>>;
}
