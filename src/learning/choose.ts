/**
 * Which answered frames would teach the model something. Scores near the threshold and contradictions between neighbouring frames are the usual signs of a
 * model that is unsure (Settles, "Active Learning Literature Survey", 2009: uncertainty sampling, query by disagreement).
 */
import type { Detection } from '../inference/detection.ts';
import { type Box, iou } from '../lib/box.ts';
import type { Followed } from '../tracking/tracker.ts';
import type { LearningConfig } from './config.ts';

export type ChoiceReason = 'disagreement' | 'near_threshold' | 'random';

/** What is known of a frame that the model answered. */
export interface AnsweredFrame {
  readonly detections: readonly Detection[];
  /** Lowest score that was asked for, 0..1. */
  readonly confidence: number;
  /** Objects that were followed before this frame. */
  readonly followed: readonly Followed[];
  /** Where something moved lately; undefined where nothing is known of that. */
  readonly motion: readonly Box[] | undefined;
}

/** Boxes that overlap this much show the same thing. */
const SAME_IOU = 0.5;
/** What is this near to the border, as a fraction of the picture, may have left it. */
const BORDER = 0.05;

/** Why a frame is worth uploading; undefined when it is not. `random` gives numbers in [0, 1). */
export function choose(
  frame: AnsweredFrame,
  { disagreement, nearThreshold, random: share }: LearningConfig,
  random: () => number,
): ChoiceReason | undefined {
  if (disagreement && contradicts(frame)) return 'disagreement';
  if (frame.detections.some(({ score }) => score < frame.confidence + nearThreshold)) return 'near_threshold';
  return random() < share ? 'random' : undefined;
}

function contradicts({ detections, followed, motion }: AnsweredFrame): boolean {
  return followed.some(({ label, box }) => {
    const here = detections.filter((detection) => iou(detection.box, box) >= SAME_IOU);
    if (here.length > 0) return here.every((detection) => detection.label !== label);
    // It moved on, if another of its kind is there; it may have left, if it was at the border.
    if (detections.some((detection) => detection.label === label) || isAtBorder(box)) return false;
    return motion?.some((region) => iou(region, box) > 0) ?? false;
  });
}

const isAtBorder = ([x, y, width, height]: Box) =>
  Math.min(x, y) < BORDER || Math.max(x + width, y + height) > 1 - BORDER;
