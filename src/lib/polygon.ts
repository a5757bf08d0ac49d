/**
 * Polygons of the config: masks and zones.
 */
import pointInPolygon from 'point-in-polygon-hao';
import { z } from 'zod';
import type { Point } from './box.ts';

const fraction = z.number().min(0).max(1);

export const polygon = z
  .array(z.tuple([fraction, fraction]))
  .min(3, 'a polygon needs at least three points')
  .meta({
    description: 'Corners `[x, y]` in fractions of the frame, origin top left.',
    examples: [
      [
        [0, 0],
        [0.5, 0],
        [0.5, 0.2],
      ],
    ],
  });

export type Polygon = readonly Point[];

/** True if `point` lies inside `corners` or on its border. */
export function contains(corners: Polygon, point: Point): boolean {
  const ring = corners.map(([x, y]) => [x, y] as [number, number]);
  const first = ring[0];
  if (!first) return false;
  return pointInPolygon([point[0], point[1]], [[...ring, first]]) !== false;
}
