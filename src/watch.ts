/**
 * What becomes of each frame of one camera: motion, gate, sampler, and what the source is told. It knows no clock and waits for nothing, so the
 * live pipeline and a backtest of recorded clips run the very same code.
 */
import type { CameraConfig } from './config/schema.ts';
import type { MotionConfig } from './motion/config.ts';
import { createMotionDetector } from './motion/detector.ts';
import { createGate, type GateChange } from './motion/gate.ts';
import type { Motion } from './motion/motion.ts';
import type { Restlessness } from './motion/restless.ts';
import type { Look, LumaFrame } from './source/frame.ts';
import { createGovernor } from './trigger/governor.ts';
import { createSampler, type TriggerReason } from './trigger/sampler.ts';

/** What was made of one frame. */
export interface Seen {
  readonly motion: Motion;
  /** The gate opened or closed with this frame. */
  readonly change: GateChange | undefined;
  /** The frame is to be sent to the model, for this reason. */
  readonly reason: TriggerReason | undefined;
  /** For the source. */
  readonly look: Look;
  /** The first frame at this moment or later will probably be sent: its picture is worth ordering. */
  readonly orderFrom: number | undefined;
}

export interface Watch {
  readonly open: boolean;
  /** The gate is open, and something moves or did just before. */
  readonly active: boolean;
  /** Defined while the camera triggers without end, and is limited. */
  readonly restlessness: Restlessness | undefined;
  /** Takes the next frame; all times are its `at`. */
  see(frame: LumaFrame): Seen;
  /** Lets time pass when no frame comes: call it at least once a second. */
  tick(at: number): GateChange | undefined;
  /** Closes the gate, since frames are not looked at for now. */
  close(at: number): GateChange | undefined;
  /** Takes over other settings of motion from the next frame on, but for those of the gate. */
  configure(motion: MotionConfig): void;
}

/** Looks that are further apart than this part of `tracking.endAfter` would end objects that are still there. */
const END_AFTER_PART = 0.8;

export function createWatch(config: Pick<CameraConfig, 'motion' | 'trigger' | 'tracking'>): Watch {
  const detect = createMotionDetector(config.motion);
  const gate = createGate(config.motion);
  const sampler = createSampler(config.trigger);
  const governor = createGovernor((END_AFTER_PART * config.tracking.endAfter) / config.trigger.interval);
  return {
    get open() {
      return gate.open;
    },
    get active() {
      return gate.active;
    },
    get restlessness() {
      return governor.restlessness;
    },
    tick: (at) => gate.tick(at),
    close: (at) => gate.close(at),
    configure: (motion) => detect.configure(motion),
    see(frame) {
      const { at } = frame;
      const motion = detect(frame);
      const change = gate.push(motion, at);
      const stretch = governor.push(gate.open ? motion.regions : [], at);
      const reason = sampler.next(at, gate.open, gate.active, stretch);
      const moves = motion.state === 'moving';
      const hold = (moves && gate.open) || motion.state === 'scene_change';
      // What opens the gate next, or is sent next while it is open.
      const orderFrom = gate.open ? (sampler.dueAt ?? at) : at + 1;
      return {
        motion,
        change,
        reason,
        look: { at, regions: motion.regions, hold },
        orderFrom: moves ? orderFrom : undefined,
      };
    },
  };
}
