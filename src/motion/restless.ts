import type { Box } from '../lib/box.ts';
import type { Polygon } from '../lib/polygon.ts';
import { blend } from './blend.ts';

/** The picture is watched in cells. */
const COLUMNS = 16;
const ROWS = 9;
/** Shares of time are running averages over this long. */
const WINDOW_MS = 10 * 60_000;
/** Before that much was watched, nobody is blamed. */
const MIN_WATCHED_MS = 3 * 60_000;
/** A camera that triggers more than this is restless. */
const RESTLESS_SHARE = 0.5;
/** Cells that move for this part of the time of the busiest one are to blame, if this part of all motion is in the box around them. */
const CELL_PART = 0.25;
const BOX_PART = 0.8;
/** It is at rest again below this. */
const CALM_SHARE = 0.3;
/** What would be masked is at most this part of the picture: more is no restless region but a busy place. */
const MAX_AREA = 0.5;
/** What reaches from edge to edge is a way on which somebody passes. */
const MAX_SPAN = 0.9;
/** A gap between frames counts as watched for this long at most. */
const MAX_STEP_MS = 5000;

/** A camera that triggers without end, and which part of its picture is to blame. */
export interface Restlessness {
  /** Fraction of the last ten minutes in which the camera triggered, 0..1. */
  readonly share: number;
  /** The part of the picture to blame; undefined when the motion is all over it, as in a busy street. */
  readonly region: Box | undefined;
  /** A mask to propose; never applied unasked. */
  readonly proposedMask: Polygon | undefined;
}

/** Watches where a camera moves over minutes. Pure: time is that of the frames. */
export interface RestlessWatch {
  /** Takes the moving regions of the next frame, none if nothing was triggered. Defined while the camera is restless. */
  push(regions: readonly Box[], at: number): Restlessness | undefined;
}

/**
 * A spider web in the wind moves at one place for minutes; people do not. So a camera that triggers more than half of the time is looked
 * at by cells: those that moved nearly as much as the busiest one are to blame.
 */
export function createRestlessWatch(): RestlessWatch {
  const cells = new Float64Array(COLUMNS * ROWS);
  let share = 0;
  let watched = 0;
  let lastAt: number | undefined;
  let isRestless = false;

  return {
    push(regions, at) {
      const dt = Math.min(MAX_STEP_MS, Math.max(0, at - (lastAt ?? at)));
      lastAt = at;
      watched += dt;
      const weight = blend(dt, Math.min(WINDOW_MS, Math.max(MIN_WATCHED_MS / 3, watched)));
      share += weight * ((regions.length > 0 ? 1 : 0) - share);
      const moving = cellsOf(regions);
      for (let cell = 0; cell < cells.length; cell += 1) cells[cell]! += weight * (moving[cell]! - cells[cell]!);
      isRestless = watched >= MIN_WATCHED_MS && share > (isRestless ? CALM_SHARE : RESTLESS_SHARE);
      return isRestless ? { share, ...blame(cells) } : undefined;
    },
  };
}

/** 1 for each cell that a region touches. */
function cellsOf(regions: readonly Box[]): Uint8Array {
  const moving = new Uint8Array(COLUMNS * ROWS);
  for (const [x, y, width, height] of regions) {
    const right = Math.min(COLUMNS - 1, Math.ceil((x + width) * COLUMNS) - 1);
    const bottom = Math.min(ROWS - 1, Math.ceil((y + height) * ROWS) - 1);
    for (let row = Math.floor(y * ROWS); row <= bottom; row += 1) {
      moving.fill(1, row * COLUMNS + Math.floor(x * COLUMNS), row * COLUMNS + right + 1);
    }
  }
  return moving;
}

/** The box around the cells that moved most. */
function blame(cells: Float64Array): Pick<Restlessness, 'region' | 'proposedMask'> {
  const nobody = { region: undefined, proposedMask: undefined };
  let [left, top, right, bottom] = [COLUMNS, ROWS, -1, -1];
  const least = CELL_PART * Math.max(...cells);
  for (const [cell, part] of cells.entries()) {
    if (part < least) continue;
    left = Math.min(left, cell % COLUMNS);
    right = Math.max(right, cell % COLUMNS);
    top = Math.min(top, Math.floor(cell / COLUMNS));
    bottom = Math.max(bottom, Math.floor(cell / COLUMNS));
  }
  const [width, height] = [short((right - left + 1) / COLUMNS), short((bottom - top + 1) / ROWS)];
  const all = cells.reduce((sum, part) => sum + part, 0);
  const within = cells.reduce((sum, part, cell) => {
    const [column, row] = [cell % COLUMNS, Math.floor(cell / COLUMNS)];
    return column >= left && column <= right && row >= top && row <= bottom ? sum + part : sum;
  }, 0);
  if (width * height > MAX_AREA || Math.max(width, height) > MAX_SPAN || within < BOX_PART * all) return nobody;
  const [x, y] = [short(left / COLUMNS), short(top / ROWS)];
  const proposedMask: Polygon = [
    [x, y],
    [short(x + width), y],
    [short(x + width), short(y + height)],
    [x, short(y + height)],
  ];
  return { region: [x, y, width, height], proposedMask };
}

/** A number that people can paste. */
const short = (value: number) => Math.round(value * 1e4) / 1e4;
