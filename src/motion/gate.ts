import type { MotionConfig } from './config.ts';
import type { Motion } from './motion.ts';

/** The motion gate opened or closed. */
export interface GateChange {
  readonly open: boolean;
  /** Monotonic ms of the frame that opened it, or of the end of `closeDelay`. */
  readonly at: number;
}

/** After a moving frame the next one is awaited for this long, however short `closeDelay`: frames come every two seconds at the slowest. */
const FRAME_PATIENCE_MS = 2500;
/**
 * A frame is worth a look by the model for this long after motion: over the flicker of single frames at high rates, but not one frame more
 * at five a second.
 */
const ACTIVE_MS = 150;

/** Says whether something moves, without the flicker of single frames. */
export interface Gate {
  readonly open: boolean;
  /** True while the gate is open and something moves in the latest frame, or did just before: frames to send to the model. */
  readonly active: boolean;
  /** Takes the motion of the next frame. `minFrames` moving frames in a row open the gate; any other state is no motion. */
  push(motion: Motion, at: number): GateChange | undefined;
  /** Lets time pass when no frame comes: call it at least once a second. */
  tick(at: number): GateChange | undefined;
  /** Closes it now, whatever moves. */
  close(at: number): GateChange | undefined;
}

export function createGate(config: Pick<MotionConfig, 'minFrames' | 'closeDelay'>): Gate {
  let open = false;
  let inARow = 0;
  let lastMotionAt = 0;
  let lastFrameAt = 0;

  const tick = (at: number): GateChange | undefined => {
    const delay = inARow > 0 ? Math.max(config.closeDelay, FRAME_PATIENCE_MS) : config.closeDelay;
    const closesAt = lastMotionAt + delay;
    if (!open || at < closesAt) return undefined;
    open = false;
    inARow = 0;
    return { open, at: closesAt };
  };

  return {
    get open() {
      return open;
    },
    get active() {
      return open && lastFrameAt - lastMotionAt < ACTIVE_MS;
    },
    tick,
    close(at) {
      inARow = 0;
      if (!open) return undefined;
      open = false;
      return { open, at };
    },
    push(motion, at) {
      lastFrameAt = at;
      if (motion.state !== 'moving') {
        inARow = 0;
        return tick(at);
      }
      const closed = tick(at);
      inARow += 1;
      lastMotionAt = at;
      if (closed || open || inARow < config.minFrames) return closed;
      open = true;
      return { open, at };
    },
  };
}
