import type { Detection } from '../inference/detection.ts';
import type { Box } from '../lib/box.ts';
import type { Moment } from '../source/frame.ts';
import { associate } from './association.ts';
import type { TrackingConfig, ZonesConfig } from './config.ts';
import { objectId } from './object-id.ts';
import { createSightClock } from './sight-clock.ts';
import { createStillLife } from './still-life.ts';
import { Track, type TrackChange } from './track.ts';
import { zonesOf } from './zones.ts';

export type { TrackChange, TrackedObject } from './track.ts';

/** An object as it was seen last. */
export interface Followed {
  readonly label: string;
  readonly box: Box;
}

/**
 * Ties the detections of one camera to objects over time, which is the time of frames and ticks. Call it in the order in which things
 * happen.
 */
export interface Tracker {
  /** A frame was sent to the model: until its verdict comes, by `update` or `unknown`, no time passes for the objects. */
  triggered(): void;
  /**
   * The model answered the frame of this moment. `motion`: where something moved lately; what does not move and was there before begins no object, and
   * keeps none for longer than a minute. Without `motion` nothing is known of that, and all counts.
   */
  update(detections: readonly Detection[], moment: Moment, motion?: readonly Box[]): TrackChange[];
  /** It did not answer the frame of this moment. */
  unknown(moment: Moment): TrackChange[];
  /** Lets time pass without frames: call it at least once a second. `at` and `time` as in `Moment`. */
  tick(at: number, time: number): TrackChange[];
  /** Ends everything. */
  stop(moment: Moment): TrackChange[];
  /** How many objects were told and have not ended, by label. */
  present(): Map<string, number>;
  /** The objects that were told and have not ended, where they were seen last. */
  followed(): readonly Followed[];
  /** Id of the object to which a detection of the latest `update` belongs, if it was told. */
  idOf(detection: Detection): string | undefined;
}

/** An object that nobody could look for is given up after this many times `endAfter`. */
const UNKNOWN_PATIENCE = 5;
/** A model that sees things everywhere does not fill the memory: beyond this many objects, no new ones are followed. */
const MAX_TRACKS = 200;
/** Somebody who stands still is followed for this long; a car that was parked reports itself no longer. */
const STILL_FOR_MS = 60_000;

/**
 * - `new`: the object reached `minScore`.
 * - `update`: its zones changed, a notably better frame of it came, or `updateInterval` passed.
 * - `end`, verdict `ok`: it was not seen for `endAfter`, counting only time for which the model answered or nothing moved.
 * - `end`, verdict `unknown`: it was not seen for five times `endAfter`, and too little of that time was answered for; or the tracker was
 *   stopped while the latest verdict was unknown.
 *
 * Each `new` is followed by one `end`; an object that never reached `minScore` has neither.
 */
export function createTracker(
  config: TrackingConfig,
  zones: ZonesConfig,
  newId: (startTime: number) => string = objectId,
): Tracker {
  const tracks = new Set<Track>();
  const sight = createSightClock();
  const stillLife = createStillLife();
  /** Of the latest answered frame. */
  const belongsTo = new Map<Detection, Track>();

  const begin = (detection: Detection, { time }: Moment): Track | undefined => {
    if (tracks.size >= MAX_TRACKS) return undefined;
    const track = new Track(newId(time), detection, time);
    tracks.add(track);
    return track;
  };

  const end = (track: Track, verdict: 'ok' | 'unknown', time: number): TrackChange[] => {
    tracks.delete(track);
    return track.end(verdict, time);
  };

  const expire = ({ at, time }: Moment): TrackChange[] =>
    [...tracks].flatMap((track) => {
      if (sight.elapsed - track.lastSeenElapsed >= config.endAfter) return end(track, 'ok', time);
      if (at - track.lastSeenAt >= UNKNOWN_PATIENCE * config.endAfter) return end(track, 'unknown', time);
      return [];
    });

  return {
    triggered: sight.triggered,
    update(detections, moment, motion) {
      sight.answered(moment.at);
      belongsTo.clear();
      const followed = detections.filter(({ label }) => config.labels.length === 0 || config.labels.includes(label));
      const still = motion ? stillLife.judge(followed, motion, moment.at) : new Set();
      const pairs = associate([...tracks], followed, moment.at);
      const changes = followed.flatMap((detection) => {
        const isStill = still.has(detection);
        const track = pairs.get(detection) ?? (isStill ? undefined : begin(detection, moment));
        if (!track) return [];
        if (!isStill) track.movedAt = moment.at;
        else if (moment.at - track.movedAt > STILL_FOR_MS) return [];
        belongsTo.set(detection, track);
        const here = zonesOf(zones, detection.label, detection.box);
        return track.see(detection, here, moment, sight.elapsed, config);
      });
      return [...changes, ...expire(moment)];
    },
    unknown(moment) {
      sight.unknown(moment.at);
      return expire(moment);
    },
    tick(at, time) {
      sight.tick(at);
      return expire({ at, time });
    },
    stop({ time }) {
      return [...tracks].flatMap((track) => end(track, sight.isBlind ? 'unknown' : 'ok', time));
    },
    present() {
      const counts = new Map<string, number>();
      for (const { label, isTold } of tracks) if (isTold) counts.set(label, (counts.get(label) ?? 0) + 1);
      return counts;
    },
    followed: () => [...tracks].filter(({ isTold }) => isTold).map(({ label, box }) => ({ label, box })),
    idOf(detection) {
      const track = belongsTo.get(detection);
      return track?.isTold ? track.id : undefined;
    },
  };
}
