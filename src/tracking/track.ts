import type { Detection } from '../inference/detection.ts';
import type { Box } from '../lib/box.ts';
import type { Moment } from '../source/frame.ts';

/** One object over time, as it is at a change. */
export interface TrackedObject {
  /** Stable and unique, see `objectId`. */
  readonly id: string;
  readonly label: string;
  /** Score of the latest detection, 0..1. */
  readonly score: number;
  readonly topScore: number;
  readonly box: Box;
  /** Zones it is in now, in the order of the config. */
  readonly zones: readonly string[];
  /** Zones it has been in, in the order in which it entered them. */
  readonly enteredZones: readonly string[];
  /** Ms since the epoch. */
  readonly startTime: number;
  /** Ms since the epoch. */
  readonly lastSeen: number;
  /** When it was found gone, ms since the epoch; only at its end. */
  readonly endTime?: number;
  /** `unknown` when it ended without the model having looked for it. */
  readonly verdict: 'ok' | 'unknown';
  /** The frame that shows it best, of those that were told. */
  readonly bestFrame: Moment;
}

/** A change of an object worth telling. */
export interface TrackChange {
  readonly type: 'new' | 'update' | 'end';
  readonly track: TrackedObject;
  /** The frame of this change shows the object better than all told before. */
  readonly isBest: boolean;
}

/** When a change is worth telling. */
export interface Telling {
  readonly minScore: number;
  /** Ms. */
  readonly updateInterval: number;
}

/** A score that is this much better makes a frame worth telling at once. */
const NOTABLE_SCORE = 0.05;

/** One object, from its first detection on; told once it reached `minScore`. */
export class Track {
  readonly id: string;
  readonly label: string;
  readonly #startTime: number;
  box: Box;
  /** Monotonic ms. */
  lastSeenAt = 0;
  /** When it was seen to move last, or nobody could tell; monotonic ms. */
  movedAt = 0;
  /** The sight clock when it was seen last. */
  lastSeenElapsed = 0;
  #lastSeen = 0;
  #score = 0;
  #topScore = 0;
  #zones: readonly string[] = [];
  readonly #enteredZones = new Set<string>();
  #told: { readonly at: number; readonly bestScore: number; readonly bestFrame: Moment } | undefined;

  constructor(id: string, detection: Detection, startTime: number) {
    this.id = id;
    this.label = detection.label;
    this.box = detection.box;
    this.#startTime = startTime;
  }

  /** Whether anybody was told of it. */
  get isTold(): boolean {
    return this.#told !== undefined;
  }

  /** Takes in that it was detected; returns what is worth telling of that. */
  see(
    { score, box }: Detection,
    zones: readonly string[],
    { at, time }: Moment,
    elapsed: number,
    telling: Telling,
  ): TrackChange[] {
    const hasMovedZone = zones.join() !== this.#zones.join();
    this.box = box;
    this.lastSeenAt = at;
    this.lastSeenElapsed = elapsed;
    this.#lastSeen = time;
    this.#score = score;
    this.#topScore = Math.max(this.#topScore, score);
    this.#zones = zones;
    for (const zone of zones) this.#enteredZones.add(zone);

    const told = this.#told;
    const isDue = told
      ? hasMovedZone || score >= told.bestScore + NOTABLE_SCORE || at - told.at >= telling.updateInterval
      : score >= telling.minScore;
    if (!isDue) return [];
    const isBest = !told || score > told.bestScore;
    // The frame is copied: the caller's object may hold on to a picture.
    const best = isBest ? { bestScore: score, bestFrame: { at, time } } : told;
    this.#told = { ...best, at };
    return [{ type: told ? 'update' : 'new', track: this.#describe(best.bestFrame), isBest }];
  }

  /** What is worth telling when it has ended. */
  end(verdict: 'ok' | 'unknown', endTime: number): TrackChange[] {
    if (!this.#told) return [];
    return [{ type: 'end', track: { ...this.#describe(this.#told.bestFrame), verdict, endTime }, isBest: false }];
  }

  #describe(bestFrame: Moment): TrackedObject {
    return {
      id: this.id,
      label: this.label,
      score: this.#score,
      topScore: this.#topScore,
      box: this.box,
      zones: this.#zones,
      enteredZones: [...this.#enteredZones],
      startTime: this.#startTime,
      lastSeen: this.#lastSeen,
      verdict: 'ok',
      bestFrame,
    };
  }
}
