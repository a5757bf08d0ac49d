/**
 * What a model keeps seeing without anything moving there: parked cars, a post that it takes for a person. Such a thing is news once.
 */
import type { Detection } from '../inference/detection.ts';
import { type Box, iou } from '../lib/box.ts';

/** The same thing at the same place; boxes of a still thing differ a little from look to look. */
const SAME_PLACE = 0.6;
/** A detection of which motion covers this much moves itself; less is something passing by. */
const MOVING_COVER = 0.5;
/** Models lose a still thing for minutes, and find it again. */
const REMEMBERED_MS = 3_600_000;
const MAX_THINGS = 100;

interface Thing {
  readonly label: string;
  readonly box: Box;
  readonly seenAt: number;
}

export interface StillLife {
  /**
   * Those of `detections` that do not move and were at their places before; `motion`: where something moved lately, `at` monotonic ms. Call it
   * once per answered frame.
   */
  judge(detections: readonly Detection[], motion: readonly Box[], at: number): ReadonlySet<Detection>;
}

export function createStillLife(): StillLife {
  let things: Thing[] = [];
  return {
    judge(detections, motion, at) {
      const still = new Set<Detection>();
      const seen: Thing[] = [];
      for (const detection of detections) {
        const { label, box } = detection;
        if (cover(box, motion) >= MOVING_COVER) continue;
        const isKnown = (thing: Thing) => thing.label === label && iou(thing.box, box) >= SAME_PLACE;
        if (things.some(isKnown)) still.add(detection);
        things = things.filter((thing) => !isKnown(thing));
        seen.push({ label, box, seenAt: at });
      }
      things = [...things.filter(({ seenAt }) => at - seenAt <= REMEMBERED_MS), ...seen].slice(-MAX_THINGS);
      return still;
    },
  };
}

/** How much of `box` the boxes of `motion` cover, 0..1, on a grid of 8 by 8 points, because they overlap each other. */
function cover([x, y, width, height]: Box, motion: readonly Box[]): number {
  const STEPS = 8;
  let covered = 0;
  for (let row = 0; row < STEPS; row += 1) {
    for (let column = 0; column < STEPS; column += 1) {
      const [px, py] = [x + ((column + 0.5) / STEPS) * width, y + ((row + 0.5) / STEPS) * height];
      if (motion.some(([left, top, w, h]) => px >= left && px <= left + w && py >= top && py <= top + h)) covered += 1;
    }
  }
  return covered / STEPS ** 2;
}
