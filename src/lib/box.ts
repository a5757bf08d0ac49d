/** A rectangle `[x, y, width, height]` in fractions of the frame, origin top left. */
export type Box = readonly [x: number, y: number, width: number, height: number];

/** A point `[x, y]` in fractions of the frame, origin top left. */
export type Point = readonly [x: number, y: number];

/** Intersection over union of two boxes, 0..1. */
export function iou(a: Box, b: Box): number {
  const width = Math.min(a[0] + a[2], b[0] + b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[1] + a[3], b[1] + b[3]) - Math.max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  const intersection = width * height;
  return intersection / (a[2] * a[3] + b[2] * b[3] - intersection);
}

/** The middle of a box. */
export function centre(box: Box): Point {
  return [box[0] + box[2] / 2, box[1] + box[3] / 2];
}

/** The part of a box that lies inside the frame. */
export function clip(box: Box): Box {
  const left = Math.min(1, Math.max(0, box[0]));
  const top = Math.min(1, Math.max(0, box[1]));
  const right = Math.min(1, Math.max(0, box[0] + box[2]));
  const bottom = Math.min(1, Math.max(0, box[1] + box[3]));
  return [left, top, Math.max(0, right - left), Math.max(0, bottom - top)];
}
