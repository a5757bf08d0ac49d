import type { Box } from '../lib/box.ts';

/** One object that the model saw in one frame. */
export interface Detection {
  readonly label: string;
  /** Confidence, 0..1. */
  readonly score: number;
  /** Inside the frame, in fractions of it. */
  readonly box: Box;
}
