import type { Box, Point } from '../lib/box.ts';
import { contains } from '../lib/polygon.ts';
import type { ZonesConfig } from './config.ts';

/**
 * Names of the zones in which an object of this label is, in the order of the config. It is where it touches the ground: at the middle of
 * its lower edge.
 */
export function zonesOf(zones: ZonesConfig, label: string, box: Box): string[] {
  const foot: Point = [box[0] + box[2] / 2, box[1] + box[3]];
  return Object.entries(zones)
    .filter(([, zone]) => zone.labels.length === 0 || zone.labels.includes(label))
    .filter(([, zone]) => contains(zone.polygon, foot))
    .map(([name]) => name);
}
