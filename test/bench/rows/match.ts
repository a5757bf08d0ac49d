/**
 * Compares what a gateway told of one camera with what was to be seen.
 */
import type { Interval } from '../streams/timeline.ts';
import { SELDOM } from '../subjects/framegate.ts';
import type { Told } from '../subjects/site.ts';

export interface FoundEvent {
  readonly start: number;
  readonly seconds: number;
  readonly found: boolean;
  /** Second of the stream of the frame that opened the gate; undefined if it was open before. */
  readonly firstFrame: number | undefined;
  /** Seconds from its true start until the gateway said that something moves. */
  readonly toldAfter: number | undefined;
}

export interface Match {
  readonly events: readonly FoundEvent[];
  /** Times that the gate opened though nobody was there. */
  readonly falseOpens: number;
  readonly hours: number;
}

/** What a gateway must be set to for this comparison, and what is used of it: one frame is triggered per opening. */
export const SETTINGS = {
  ...SELDOM,
  motion: { closeDelay: '5s' },
} as const;
const CLOSE_DELAY_SECONDS = 5;
/** Two frames in a row must move: the second one may come one interval after the end of the shortest event. */
const LATE_SECONDS = 0.4;
/** An opening further than this from all events is false. */
const FALSE_MARGIN_SECONDS = 1;
/** Jitter of timestamps. */
const JITTER_SECONDS = 0.1;

/** The gate was open: in seconds of the stream, from the frame that opened it to the last one that moved. */
interface Opening {
  readonly first: number;
  readonly last: number;
  readonly told: number | undefined;
}

/**
 * @param zero moment of second 0 of the stream, in ms since the epoch.
 * @param seconds length of the stream.
 */
export function match(told: readonly Told[], truth: readonly Interval[], zero: number, seconds: number): Match {
  const openings = openingsOf(told, zero, seconds);
  const events = truth.map(([start, end]): FoundEvent => {
    const opening = openings.find(({ first, last }) => {
      return first <= end + LATE_SECONDS && last >= start - JITTER_SECONDS;
    });
    const isItsOwn = opening !== undefined && opening.first >= start - JITTER_SECONDS;
    return {
      start,
      seconds: end - start,
      found: opening !== undefined,
      firstFrame: isItsOwn ? opening.first : undefined,
      toldAfter: isItsOwn && opening.told !== undefined ? opening.told - start : undefined,
    };
  });
  const isFalse = ({ first, last }: Opening) =>
    truth.every(([start, end]) => last < start - FALSE_MARGIN_SECONDS || first > end + FALSE_MARGIN_SECONDS);
  return { events, falseOpens: openings.filter(isFalse).length, hours: seconds / 3600 };
}

function openingsOf(told: readonly Told[], zero: number, seconds: number): Opening[] {
  const moments = (what: Told['what'], moment: (message: Told) => number) =>
    told
      .filter((message) => message.what === what)
      .map((message) => (moment(message) - zero) / 1000)
      .sort((a, b) => a - b);
  const opened = moments('opened', ({ at }) => at);
  const closed = moments('closed', ({ at }) => at);
  return moments('triggered', ({ captured }) => captured)
    .filter((first) => first >= 0 && first <= seconds)
    .map((first) => {
      const saidAt = opened.find((second) => second >= first - JITTER_SECONDS);
      const end = closed.find((second) => second > (saidAt ?? first)) ?? seconds;
      return { first, last: Math.max(first, end - CLOSE_DELAY_SECONDS), told: saidAt };
    });
}
