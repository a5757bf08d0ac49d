import type { Box } from '../lib/box.ts';

/**
 * - `calibrating`: the background is being learnt, right after the start or a scene change;
 * - `scene_change`: most of the frame changed at once (lights, IR switch, a moved camera), so the background starts anew;
 * - `quiet`, `moving`: the background is trusted, and nothing, or something that has proved to be a thing, moves.
 */
export type MotionState = 'calibrating' | 'scene_change' | 'quiet' | 'moving';

/** More regions than this are weather or a shaking camera: the largest tell enough. */
export const MAX_REGIONS = 16;

/** What motion made of one frame. */
export interface Motion {
  /** Fraction of the unmasked frame that differs from the background, 0..1. */
  readonly score: number;
  /** Where confirmed things move, largest first, at most `MAX_REGIONS`; empty unless `moving`. */
  readonly regions: readonly Box[];
  readonly state: MotionState;
}
