import { type Canvas, stamp } from './canvas.ts';
import type { Figures } from './sprite.ts';
import type { Paint } from './weather.ts';

export interface Walk {
  /** Seconds; also the truth. */
  readonly start: number;
  readonly end: number;
  /** Foot points in fractions of the picture, and heights in fractions of its height. */
  readonly from: readonly [x: number, y: number];
  readonly to: readonly [x: number, y: number];
  readonly height: number;
  readonly heightAtEnd?: number;
  /** Brightness of the figure, default 1. */
  readonly light?: number;
  /** Paces for this long in the middle of the way. */
  readonly rest?: number;
}

/** Somebody walks from one point to another, with two small steps a second. */
export function walk(figures: Figures, way: Walk): Paint {
  const { start, end, from, to, height, heightAtEnd = height, light = 1, rest = 0 } = way;
  return (canvas, seconds) => {
    if (seconds < start || seconds > end) return;
    const walking = end - start - rest;
    const past = seconds - start;
    const part = (past < walking / 2 ? past : Math.max(walking / 2, past - rest)) / walking;
    const size = (height + part * (heightAtEnd - height)) * canvas.height;
    const isResting = past > walking / 2 && past < walking / 2 + rest;
    const bob = isResting ? 0 : 0.02 * size * Math.abs(Math.sin(2 * Math.PI * seconds));
    const x = (from[0] + part * (to[0] - from[0])) * canvas.width;
    const y = (from[1] + part * (to[1] - from[1])) * canvas.height;
    stamp(canvas, figures(size, to[0] > from[0]), x, y - bob, light);
  };
}

/** All of it, in order. */
export function all(...paints: readonly Paint[]): (canvas: Canvas, seconds: number) => void {
  return (canvas, seconds) => {
    for (const paint of paints) paint(canvas, seconds);
  };
}
