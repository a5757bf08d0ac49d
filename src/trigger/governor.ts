import type { Box } from '../lib/box.ts';
import { createRestlessWatch, type Restlessness } from '../motion/restless.ts';

/**
 * The share of time in which a camera may trigger for as long as it likes: a busy door, a street with gaps. One that triggers without end
 * gets as many frames as if it triggered for that share of the time, which is its fair share of the model.
 */
const FAIR_SHARE = 0.2;
/** What moves at the edge of the region to blame is part of it: a cell of the map more on each side. */
const MARGIN = [1 / 16, 1 / 9] as const;
/** Something moves elsewhere if less than this part of it lies in the region to blame. */
const INSIDE = 0.5;

/** Limits a camera that triggers without end. Pure: time is that of the frames. */
export interface Governor {
  /** Takes what moves in the next frame, nothing while the gate is closed. Gives the factor by which the sampler is to slow down, 1 for not at all. */
  push(regions: readonly Box[], at: number): number;
  /** Defined while the camera is restless. */
  readonly restlessness: Restlessness | undefined;
}

/** @param maxStretch beyond this, objects would end between two looks at them. */
export function createGovernor(maxStretch = Number.POSITIVE_INFINITY): Governor {
  const watch = createRestlessWatch();
  let restlessness: Restlessness | undefined;
  return {
    get restlessness() {
      return restlessness;
    },
    push(regions, at) {
      restlessness = watch.push(regions, at);
      if (!restlessness) return 1;
      const { region, share } = restlessness;
      // What moves elsewhere is looked at as ever: it is no part of the unrest.
      if (region && regions.some((moving) => inside(moving, grown(region)) < INSIDE)) return 1;
      return Math.max(1, Math.min(maxStretch, share / FAIR_SHARE));
    },
  };
}

const grown = ([x, y, width, height]: Box): Box => [
  ...([x - MARGIN[0], y - MARGIN[1]] as const),
  ...([width + 2 * MARGIN[0], height + 2 * MARGIN[1]] as const),
];

/** The part of `box` that lies in `region`, 0..1. */
function inside([x, y, width, height]: Box, region: Box): number {
  const overlapX = Math.min(x + width, region[0] + region[2]) - Math.max(x, region[0]);
  const overlapY = Math.min(y + height, region[1] + region[3]) - Math.max(y, region[1]);
  if (overlapX <= 0 || overlapY <= 0) return 0;
  return (overlapX * overlapY) / Math.max(Number.EPSILON, width * height);
}
