import type { Looks } from './looks.ts';
import type { Patch, Region } from './regions.ts';

/** What moves changes at least this part of its pixels with each frame. */
export const STIR = 0.03;

/** A changed area with what it looks like. */
export interface Candidate {
  readonly region: Region;
  readonly looks: Looks;
  /** True if it counts: in a zone, not too large. */
  readonly isWanted: boolean;
  /** True if it is large, at the border of the picture, and new there. */
  readonly isEntering: boolean;
  /** True if it is too small to be anything but what was confirmed before. */
  readonly isFading: boolean;
}

/** Something followed from frame to frame. */
export interface Track {
  region: Region;
  looks: Looks;
  isWanted: boolean;
  isConfirmed: boolean;
  /** In the latest frame. */
  isSeen: boolean;
  bornAt: number;
  seenAt: number;
  evidence: number;
  x: number;
  y: number;
  vx: number;
  vy: number;
  originX: number;
  originY: number;
  way: number;
}

/** True once it is elsewhere than where it appeared. */
export function hasTravelled(track: Track): boolean {
  return Math.hypot(track.x - track.originX, track.y - track.originY) > extent(track.region) / 2;
}

export function overlap(a: Patch, b: Patch): boolean {
  return a.left <= b.right && b.left <= a.right && a.top <= b.bottom && b.top <= a.bottom;
}

export function middle({ left, right, top, bottom }: Patch): [number, number] {
  return [(left + right + 1) / 2, (top + bottom + 1) / 2];
}

export function extent({ left, right, top, bottom }: Patch): number {
  return Math.max(right - left + 1, bottom - top + 1);
}
