/**
 * The cameras that the benchmark knows: one scene, coded in different ways and with different trouble in it.
 */

import { tickingClock } from './clock.ts';
import { type Painter, swayingTree } from './foliage.ts';

export interface Kind {
  /** What is drawn over the scene. */
  readonly scene: 'plain' | 'tree' | 'clock';
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** Filters that stand for light and sensor. */
  readonly sensor: string;
  /** Frames from keyframe to keyframe. */
  readonly gop: number;
  /** Rate control, as options of libx264. */
  readonly rate: readonly string[];
  /** How it is told in tables. */
  readonly label: string;
}

const DAY = 'noise=alls=6:allf=t:all_seed=1';
/** A third of the contrast, grey, and the sensor turned up. */
const NIGHT =
  "lutyuv=y='20+(val-16)*0.42':u='128+(val-128)*0.35':v='128+(val-128)*0.35',noise=alls=11:allf=t:all_seed=1";
const QUALITY = ['-crf', '28'];
const CONSTANT = ['-b:v', '2M', '-minrate', '2M', '-maxrate', '2M', '-bufsize', '2M', '-nal-hrd', 'cbr'];

const MAIN = { scene: 'plain', width: 1920, height: 1080, fps: 15, sensor: DAY, gop: 30, rate: QUALITY } as const;

export const KINDS = {
  vbr: { ...MAIN, label: '1080p15 VBR, GOP 2 s' },
  'vbr-g150': { ...MAIN, gop: 150, label: '1080p15 VBR, GOP 10 s' },
  'vbr-g15': { ...MAIN, gop: 15, label: '1080p15 VBR, GOP 1 s' },
  cbr: { ...MAIN, rate: CONSTANT, label: '1080p15 CBR 2 Mbit/s, GOP 2 s' },
  night: { ...MAIN, sensor: NIGHT, label: '1080p15 VBR at night, GOP 2 s' },
  sub: { ...MAIN, width: 640, height: 360, fps: 10, gop: 20, label: '360p10 VBR, GOP 2 s' },
  'nuisance-tree': { ...MAIN, scene: 'tree', label: '1080p15 VBR, tree in the wind' },
  'nuisance-clock': { ...MAIN, scene: 'clock', label: '1080p15 VBR, clock in the picture' },
} as const satisfies Record<string, Kind>;

export type KindName = keyof typeof KINDS;

export const KIND_NAMES = Object.keys(KINDS) as KindName[];

export function painterOf(scene: Kind['scene']): Painter | undefined {
  if (scene === 'tree') return swayingTree();
  return scene === 'clock' ? tickingClock() : undefined;
}
