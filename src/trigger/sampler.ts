import type { TriggerConfig } from './config.ts';

/** Which frame of an opened gate it is that is sent to the model: the first, or the next one after `interval`. */
export type TriggerReason = 'opened' | 'interval';

/** Says of each frame whether it is sent, and why. */
export interface Sampler {
  /**
   * Call it once per frame, with the frame's `at` and the gate after that frame. While the gate is open but nothing moves any more (not
   * `active`), nothing is sent. `stretch`: at least so many intervals lie between two frames, also if the gate opens anew.
   */
  next(at: number, gateOpen: boolean, active?: boolean, stretch?: number): TriggerReason | undefined;
  /** While the gate is open: the first frame at this moment or later is sent. */
  readonly dueAt: number | undefined;
}

/**
 * Times of interval frames are multiples of `interval` after the first one, so that frames that come a little early or late do not slow
 * the rate.
 */
export function createSampler(config: Pick<TriggerConfig, 'interval'>): Sampler {
  let dueAt: number | undefined;
  let sentAt = Number.NEGATIVE_INFINITY;
  /** Because of `stretch`. */
  let notBefore = Number.NEGATIVE_INFINITY;
  return {
    get dueAt() {
      const due = Math.max(dueAt ?? Number.NEGATIVE_INFINITY, notBefore);
      return due === Number.NEGATIVE_INFINITY ? undefined : due;
    },
    next(at, gateOpen, active = gateOpen, stretch = 1) {
      if (!gateOpen) {
        dueAt = undefined;
        return undefined;
      }
      notBefore = stretch > 1 ? sentAt + config.interval * stretch : Number.NEGATIVE_INFINITY;
      if (at < notBefore) return undefined;
      if (dueAt === undefined) {
        dueAt = at + config.interval;
        sentAt = at;
        return 'opened';
      }
      if (at < dueAt || !active) return undefined;
      const missed = Math.floor((at - dueAt) / config.interval);
      dueAt += (missed + 1) * config.interval;
      sentAt = at;
      return 'interval';
    },
  };
}
