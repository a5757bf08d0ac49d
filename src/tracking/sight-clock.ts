/**
 * The time in which an object could have been seen to be missing. `unknown` is not `nothing`: time that the model did not answer for does
 * not count, and time that is still being asked about counts once the answer is there.
 *
 * Moments are monotonic ms. Those of frames lie a little behind those of ticks.
 */
export interface SightClock {
  /** Ms that count so far. */
  readonly elapsed: number;
  /** Whether the verdict of the latest frame was unknown, or is awaited. */
  readonly isBlind: boolean;
  /** A frame was sent to the model. */
  triggered(): void;
  /** The model answered a frame: the time since the look before counts. */
  answered(at: number): void;
  /** It did not: that time does not count. */
  unknown(at: number): void;
  /** Time passes without frames, since nothing moves: it counts, unless the latest verdict is unknown or awaited. */
  tick(at: number): void;
}

export function createSightClock(): SightClock {
  let elapsed = 0;
  let lookedAt: number | undefined;
  let verdictAt = Number.NEGATIVE_INFINITY;
  let wasUnknown = false;
  let awaited = 0;

  const look = (at: number, counts: boolean) => {
    const since = lookedAt ?? at;
    if (at < since) return;
    if (counts) elapsed += at - since;
    lookedAt = at;
  };
  const settle = (at: number, isUnknown: boolean) => {
    awaited = Math.max(0, awaited - 1);
    look(at, !isUnknown);
    // A superseded frame is settled before the older one that the model is still busy with.
    if (at < verdictAt) return;
    verdictAt = at;
    wasUnknown = isUnknown;
  };

  return {
    get elapsed() {
      return elapsed;
    },
    get isBlind() {
      return wasUnknown || awaited > 0;
    },
    triggered() {
      awaited += 1;
    },
    answered(at) {
      settle(at, false);
    },
    unknown(at) {
      settle(at, true);
    },
    tick(at) {
      if (!wasUnknown && awaited === 0) look(at, true);
    },
  };
}
