/**
 * What every API's answer comes down to, checked in one place: an answer that cannot be true is no answer, and never an empty scene.
 */
import { clip } from '../lib/box.ts';
import type { Detection } from './detection.ts';

/** One object as a server reports it, with the corners of its box in fractions of the picture that was sent. */
export interface SeenObject {
  readonly label: string;
  readonly score: number;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export type Reading = { readonly detections: readonly Detection[] } | { readonly problem: string };

/** Scores are sums and products of 32-bit floats: this much above 1 is rounding, more is a percentage. */
const MAX_SCORE = 1.001;
/** Boxes may reach out of the picture, by rounding or because the model completes what is cut off, but not to another place. */
const MAX_OUTSIDE = 4;

/** Detections with at least `minScore`, or what is wrong. */
export function readObjects(objects: readonly SeenObject[], minScore: number): Reading {
  for (const object of objects) {
    const problem = problemOf(object);
    if (problem) return { problem };
  }
  return {
    detections: objects
      .filter(({ score }) => score >= minScore)
      .map(({ label, score, left, top, right, bottom }) => ({
        label,
        score: Math.min(1, score),
        box: clip([left, top, right - left, bottom - top]),
      }))
      .filter(({ box }) => box[2] > 0 && box[3] > 0),
  };
}

function problemOf({ label, score, left, top, right, bottom }: SeenObject): string | undefined {
  if (!(score >= 0 && score <= MAX_SCORE)) return `a confidence of ${score}, not between 0 and 1`;
  if (label === '') return 'a prediction without a class';
  const corners = [left, top, right, bottom];
  if (!corners.every(Number.isFinite)) return 'a box that is not a number';
  if (right < left || bottom < top) return 'a box that ends before it begins: its corners mean something else';
  if (corners.some((corner) => Math.abs(corner) > MAX_OUTSIDE)) return 'a box far outside of the picture';
  return undefined;
}

/** True for boxes in fractions where pixels were expected: an object of less than a pixel is none. */
export function looksLikeFractions(sizes: ReadonlyArray<readonly [width: number, height: number]>): boolean {
  return sizes.length > 0 && sizes.every(([width, height]) => width <= 1 && height <= 1 && width * height > 0);
}
