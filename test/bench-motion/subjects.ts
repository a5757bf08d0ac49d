import { type MotionConfig, motionConfig } from '../../src/motion/config.ts';
import { createMotionDetector } from '../../src/motion/detector.ts';
import { createGate } from '../../src/motion/gate.ts';
import type { LumaFrame } from '../../src/source/frame.ts';
import type { Interval } from './film.ts';
import { createFrigateImproved } from './peers/frigate-improved.ts';
import { createMog2 } from './peers/mog2.ts';
import type { Run } from './score.ts';

/** What a detector says after a frame: is its gate open, and would the frame be sent to the model? */
export interface Answer {
  readonly open: boolean;
  readonly triggered: boolean;
}

export interface Subject {
  readonly name: string;
  readonly start: () => (frame: LumaFrame) => Answer;
}

/** The gate of the others closes as ours does, and sends frames as long after the last motion. */
const CLOSE_DELAY_MS = 5000;
const TRIGGER_HOLD_MS = 300;

export function framegate(settings: Partial<MotionConfig> = {}): Subject {
  return {
    name: 'framegate',
    start() {
      const config = { ...motionConfig.parse({}), ...settings };
      const detect = createMotionDetector(config);
      const gate = createGate(config);
      return (frame) => {
        gate.push(detect(frame), frame.at);
        return { open: gate.open, triggered: gate.active };
      };
    },
  };
}

export const FRIGATE: Subject = { name: 'frigate', start: () => gated(createFrigateImproved()) };
export const MOG2: Subject = { name: 'mog2', start: () => gated(createMog2()) };

function gated(moves: (frame: LumaFrame) => boolean): (frame: LumaFrame) => Answer {
  let lastMotionAt = Number.NEGATIVE_INFINITY;
  return (frame) => {
    if (moves(frame)) lastMotionAt = frame.at;
    const since = frame.at - lastMotionAt;
    return { open: since < CLOSE_DELAY_MS, triggered: since < TRIGGER_HOLD_MS };
  };
}

/** Shows a film to a detector. CPU time is that of the detector alone. */
export function run(subject: Subject, frames: Iterable<LumaFrame>): Run {
  const look = subject.start();
  const events: [number, number][] = [];
  const times: number[] = [];
  const triggered: number[] = [];
  let wasOpen = false;
  let cpu = 0;
  for (const frame of frames) {
    const before = process.cpuUsage();
    const answer = look(frame);
    const { user, system } = process.cpuUsage(before);
    cpu += user + system;
    const seconds = frame.at / 1000;
    times.push(seconds);
    if (answer.triggered) triggered.push(seconds);
    if (answer.open && !wasOpen) events.push([seconds, seconds]);
    if (answer.open) events[events.length - 1]![1] = seconds;
    wasOpen = answer.open;
  }
  return { events: events satisfies Interval[], frames: times, triggered, cpuMs: cpu / 1000 };
}
