import type { Box } from '../lib/box.ts';

/** What moves slowly, or stops for a moment, is not in the regions of each frame. */
const RECENT_MS = 1000;
/** More would say nothing more. */
const MAX_BOXES = 64;

/** Where something moved lately; all times are `at` of frames. */
export interface RecentMotion {
  push(regions: readonly Box[], at: number): void;
  regions(at: number): readonly Box[];
}

export function createRecentMotion(): RecentMotion {
  let seen: Array<{ readonly box: Box; readonly at: number }> = [];
  const forget = (at: number) => {
    seen = seen.filter((entry) => at - entry.at <= RECENT_MS).slice(-MAX_BOXES);
  };
  return {
    push(regions, at) {
      seen.push(...regions.map((box) => ({ box, at })));
      forget(at);
    },
    regions(at) {
      forget(at);
      return seen.map(({ box }) => box);
    },
  };
}
