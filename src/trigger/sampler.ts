import type { TriggerConfig } from './config.ts';

/** Why a frame is sent to the model: it is the first of an opened gate, or the next one after `interval`. */
export type TriggerReason = 'opened' | 'interval';

/** Says of each frame whether it is sent, and why. */
export interface Sampler {
  /**
   * Call it once per frame, with the frame's `at` and the gate after that frame. While the gate is open but nothing moves any more (not
   * `active`), nothing is sent.
   */
  next(at: number, gateOpen: boolean, active?: boolean): TriggerReason | undefined;
  /** While the gate is open: the first frame at this moment or later is sent. */
  readonly dueAt: number | undefined;
}

/**
 * Times of interval frames are multiples of `interval` after the first one, so that frames that come a little early or late do not slow
 * the rate.
 */
export function createSampler(config: TriggerConfig): Sampler {
  let dueAt: number | undefined;
  return {
    get dueAt() {
      return dueAt;
    },
    next(at, gateOpen, active = gateOpen) {
      if (!gateOpen) {
        dueAt = undefined;
        return undefined;
      }
      if (dueAt === undefined) {
        dueAt = at + config.interval;
        return 'opened';
      }
      if (at < dueAt || !active) return undefined;
      const missed = Math.floor((at - dueAt) / config.interval);
      dueAt += (missed + 1) * config.interval;
      return 'interval';
    },
  };
}
