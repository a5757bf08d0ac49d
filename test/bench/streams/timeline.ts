/**
 * What happens when in the recordings.
 */
import type { Actor } from './walks.ts';

/** `[start, end]` in seconds of the stream. */
export type Interval = readonly [start: number, end: number];

export interface Activity {
  readonly actor: Actor;
  /** Frame of vtest.avi with which it begins. */
  readonly from: number;
  /** Seconds of the stream. */
  readonly start: number;
  readonly seconds: number;
}

export interface Timeline {
  readonly seconds: number;
  readonly activities: readonly Activity[];
}

/** Before the first activity and after the last one. */
const LEAD_SECONDS = 12;
/** Long enough for the gate to close and a decoder to rest before the next one comes. */
const GAP_SECONDS = 10;
/** The common GOP. Starts lie on frames of all rates (10 and 15 a second), which is each fifth of a second. */
const GOP_SECONDS = 2;
const STEP_SECONDS = 0.2;

const EVENTS: ReadonlyArray<Pick<Activity, 'actor' | 'from' | 'seconds'>> = [
  { actor: 'middle', from: 195, seconds: 0.5 },
  { actor: 'middle', from: 199, seconds: 5 },
  { actor: 'across', from: 362, seconds: 1 },
  { actor: 'near', from: 600, seconds: 10 },
  { actor: 'far', from: 548, seconds: 2 },
  { actor: 'entering', from: 50, seconds: 0.5 },
  { actor: 'everyone', from: 240, seconds: 30 },
  { actor: 'across', from: 366, seconds: 2 },
  { actor: 'near', from: 625, seconds: 1 },
  { actor: 'near', from: 650, seconds: 5 },
];
/** In which fifth of a second after a keyframe each event starts: every place of a 2 s GOP once, in no order. */
const PHASES = [7, 2, 9, 4, 0, 6, 1, 8, 3, 5];

/** Events of 0.5 s to 30 s, with rest in between. */
export function eventsTimeline(): Timeline {
  const activities: Activity[] = [];
  let free = LEAD_SECONDS;
  for (const [index, event] of EVENTS.entries()) {
    const phase = (PHASES[index] ?? 0) * STEP_SECONDS;
    const start = round(Math.ceil((free - phase) / GOP_SECONDS) * GOP_SECONDS + phase);
    activities.push({ ...event, start });
    free = start + event.seconds + GAP_SECONDS;
  }
  return { seconds: Math.ceil(free / GOP_SECONDS) * GOP_SECONDS, activities };
}

export function idleTimeline(): Timeline {
  return { seconds: 60, activities: [] };
}

/** Never at rest. */
export function busyTimeline(): Timeline {
  return { seconds: 60, activities: [{ actor: 'everyone', from: 0, start: 0, seconds: 60 }] };
}

export function truthOf({ activities }: Timeline): Interval[] {
  return activities.map(({ start, seconds }) => [start, round(start + seconds)]);
}

const round = (seconds: number) => Math.round(seconds * 1000) / 1000;
