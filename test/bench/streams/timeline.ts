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

/** What a camera learns from: other people at other places than in the events. */
const WALKS: ReadonlyArray<Pick<Activity, 'actor' | 'from'>> = [
  { actor: 'entering', from: 56 },
  { actor: 'returning', from: 715 },
  { actor: 'everyone', from: 92 },
  { actor: 'corner', from: 749 },
  { actor: 'upper', from: 737 },
  { actor: 'everyone', from: 755 },
];
const WALK_SECONDS = 2.4;
const WALK_LEAD_SECONDS = 6;
/** From one walk to the next: time for a camera to go back to sleep, and for a GOP in which nothing moves. */
const WALK_PERIOD_SECONDS = 11;
const WALK_PERIOD_GOPS = 2;
const LEARN_SECONDS = 75;
const WALK_PHASES = [1, 3, 0, 2, 4, 0];

/** Short walks with rest in between: six, or fewer where GOPs are long. */
export function learnTimeline(gopSeconds: number): Timeline {
  const period = Math.max(WALK_PERIOD_SECONDS, WALK_PERIOD_GOPS * gopSeconds);
  const count = Math.round((LEARN_SECONDS - WALK_LEAD_SECONDS) / period);
  const activities = WALKS.slice(0, count).map((walk, index): Activity => {
    const start = WALK_LEAD_SECONDS + index * period + (WALK_PHASES[index] ?? 0) * STEP_SECONDS;
    return { ...walk, start: round(start), seconds: WALK_SECONDS };
  });
  const end = (activities.at(-1)?.start ?? 0) + WALK_SECONDS + WALK_LEAD_SECONDS;
  return { seconds: Math.ceil(end / gopSeconds) * gopSeconds, activities };
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
