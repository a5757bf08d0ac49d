/**
 * One camera, from source to outbox:
 *
 *   source -> motion -> gate -> sampler -> hand-over -> ask (inference) -> tracker -> reporter (events -> outbox -> mqtt)
 *
 * Two loops share it. `watch` never waits for the model: it looks at each frame and offers the triggered ones. `answer` takes the next of
 * them whenever the model has room.
 */
import { ask, type Outcome, type TriggeredFrame, unknown } from './ask.ts';
import type { CameraStats } from './camera-stats.ts';
import type { CameraConfig } from './config/schema.ts';
import type { CurrentInference } from './inference/current-inference.ts';
import { sleep } from './lib/abort.ts';
import { wallClock } from './lib/clock.ts';
import { supervise } from './lib/supervise.ts';
import { type Task, together } from './lib/together.ts';
import { createMotionDetector } from './motion/detector.ts';
import { createGate } from './motion/gate.ts';
import type { Motion } from './motion/motion.ts';
import type { Reporter } from './reporter.ts';
import type { Moment } from './source/frame.ts';
import type { Source } from './source/source.ts';
import { sourceSupervision } from './source/supervision.ts';
import { createTracker, type TrackChange } from './tracking/tracker.ts';
import { Handover } from './trigger/handover.ts';
import { createSampler } from './trigger/sampler.ts';

const TICK_MS = 500;

export interface PipelineParts {
  readonly source: Source;
  readonly inference: CurrentInference;
  readonly reporter: Reporter;
  readonly stats: CameraStats;
}

export function createPipeline(config: CameraConfig, { source, inference, reporter, stats }: PipelineParts): Task {
  return async (signal) => {
    const detect = createMotionDetector(config.motion);
    const gate = createGate(config.motion);
    const sampler = createSampler(config.trigger);
    const handover = new Handover<TriggeredFrame>((frame, reason) =>
      settle(frame, unknown(model(), reason, 'not sent')),
    );
    const tracker = createTracker(config.tracking, config.zones);
    const model = () => inference.active.config.model;

    const watch: Task = async (ended) => {
      for await (const frame of source.frames(ended)) {
        reporter.online();
        stats.seen();
        const motion = detect(frame);
        if (gate.push(motion, frame.at)) reporter.motion(gate.open);
        const reason = sampler.next(frame.at, gate.open, gate.active);
        if (reason) handover.offer(trigger(frame, reason));
        attend(frame, motion);
      }
    };

    const attend = ({ at }: Moment, { state, regions }: Motion) => {
      const moves = state === 'moving';
      source.attend({ at, regions, hold: (moves && gate.open) || state === 'scene_change' });
      // What opens the gate next, or is sent next while it is open.
      if (moves) source.order(gate.open ? (sampler.dueAt ?? at) : at + 1);
    };

    const trigger = ({ at, time }: Moment, reason: TriggeredFrame['reason']): TriggeredFrame => {
      tracker.triggered();
      const deadline = at + inference.active.config.deadline;
      return { at, time, reason, deadline, settlement: stats.ledger.triggered(), decode: source.capture({ at, time }) };
    };

    const answer: Task = async (ended) => {
      while (!ended.aborted) {
        await handover.waiting(ended);
        using permit = await inference.active.permits.acquire(ended);
        const frame = permit && handover.takeNow();
        if (frame) settle(frame, await ask(frame, inference, stats, ended));
      }
    };

    const settle = (frame: TriggeredFrame, { verdict, picture }: Outcome) => {
      if (verdict.verdict === 'ok') frame.settlement.answered();
      else frame.settlement.unknown(verdict.reason);
      const changes = verdict.verdict === 'ok' ? tracker.update(verdict.detections, frame) : tracker.unknown(frame);
      reporter.verdict(frame, verdict, changes, (detection) => tracker.idOf(detection), picture);
      reporter.presence(tracker.present());
    };

    const tick: Task = async (ended) => {
      while (!ended.aborted) {
        const at = performance.now();
        if (gate.tick(at)) reporter.motion(gate.open);
        tell(tracker.tick(at, wallClock(at)));
        await sleep(TICK_MS, ended);
      }
    };

    const tell = (changes: readonly TrackChange[]) => {
      reporter.changes(changes, model());
      reporter.presence(tracker.present());
    };

    try {
      const supervision = sourceSupervision((error, restartInMs, attempt) =>
        reporter.offline(error, restartInMs, attempt),
      );
      await together(signal, (ended) => supervise(watch, ended, supervision), answer, tick);
    } finally {
      handover.close();
      const at = performance.now();
      tell(tracker.stop({ at, time: wallClock(at) }));
      await reporter.close();
    }
  };
}
