import type { Detection } from '../inference/detection.ts';
import { type Box, centre, iou } from '../lib/box.ts';

/** A known object: where and when it was seen last. */
export interface Known {
  readonly label: string;
  readonly box: Box;
  /** Monotonic ms. */
  readonly lastSeenAt: number;
}

/** Boxes that overlap this much are the same object before any that do not. */
const MIN_IOU = 0.15;
/** How far an object gets, in its own widths and heights: a pedestrian makes two of his widths a second, a car about as much. */
const REACH_AT_ONCE = 1;
const REACH_PER_SECOND = 2;
const MAX_REACH = 4;
/** An object does not grow or shrink by more than this between two looks, as an area. */
const MAX_GROWTH = 4;

/**
 * Pairs objects with the detections of one frame at `at`, greedily from the likeliest pair on. Only equal labels pair; overlapping boxes by
 * overlap, then the others by distance. Whatever has no plausible partner stays alone.
 */
export function associate<T extends Known>(
  objects: readonly T[],
  detections: readonly Detection[],
  at: number,
): Map<Detection, T> {
  const candidates = objects.flatMap((object) =>
    detections.flatMap((detection) => {
      const cost = costOf(object, detection, at);
      return cost === undefined ? [] : [{ object, detection, cost }];
    }),
  );
  candidates.sort((a, b) => a.cost - b.cost);
  const pairs = new Map<Detection, T>();
  const taken = new Set<T>();
  for (const { object, detection } of candidates) {
    if (taken.has(object) || pairs.has(detection)) continue;
    taken.add(object);
    pairs.set(detection, object);
  }
  return pairs;
}

/** 0..1 for overlapping boxes, more for distant ones, undefined when they cannot be the same object. */
function costOf(object: Known, detection: Detection, at: number): number | undefined {
  if (object.label !== detection.label) return undefined;
  const overlap = iou(object.box, detection.box);
  if (overlap >= MIN_IOU) return 1 - overlap;
  const growth = (detection.box[2] * detection.box[3]) / (object.box[2] * object.box[3]);
  if (!(growth <= MAX_GROWTH && growth >= 1 / MAX_GROWTH)) return undefined;
  const elapsed = Math.max(0, at - object.lastSeenAt) / 1000;
  const distance = distanceInBoxes(object.box, detection.box);
  return distance <= Math.min(MAX_REACH, REACH_AT_ONCE + REACH_PER_SECOND * elapsed) ? 1 + distance : undefined;
}

/** Distance of the centres, across in mean widths and down in mean heights, so that the shape of the frame does not matter. */
function distanceInBoxes(a: Box, b: Box): number {
  const [ax, ay] = centre(a);
  const [bx, by] = centre(b);
  return Math.hypot((ax - bx) / ((a[2] + b[2]) / 2), (ay - by) / ((a[3] + b[3]) / 2));
}
