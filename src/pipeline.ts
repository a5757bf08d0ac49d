/**
 * One camera, from source to outbox:
 *
 *   source -> motion -> gate -> trigger -> hand-over -> inference -> tracking -> reporter (events -> outbox -> mqtt)
 *
 * Two loops share it. `watch` never waits for the model: it looks at each frame and offers the triggered ones. `answer` takes the newest
 * of them whenever the model has room.
 */
import type { CameraStats } from './camera-stats.ts';
import type { CameraConfig } from './config/schema.ts';
import type { CurrentInference } from './inference/current-inference.ts';
import type { Verdict } from './inference/verdict.ts';
import { LinkedAbort, sleep } from './lib/abort.ts';
import { describeError } from './lib/errors.ts';
import { supervise } from './lib/supervise.ts';
import { type Task, together } from './lib/together.ts';
import { createMotionDetector } from './motion/detector.ts';
import { createGate } from './motion/gate.ts';
import type { Reporter } from './reporter.ts';
import type { Moment, Picture } from './source/frame.ts';
import type { Source } from './source/source.ts';
import { type Supervised, supervisionOf } from './source-supervision.ts';
import { createTracker } from './tracking/tracker.ts';
import { Handover } from './trigger/handover.ts';
import { createSampler, type TriggerReason } from './trigger/sampler.ts';

const TICK_MS = 500;

/** A frame that the model should answer. */
interface TriggeredFrame extends Moment {
  readonly reason: TriggerReason;
  /** `performance.now()` after which an answer is worth nothing. */
  readonly deadline: number;
  /** Decodes the full-resolution picture. */
  readonly picture: (signal: AbortSignal) => Promise<Picture>;
}

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
    const tracker = createTracker(config.tracking, config.zones);
    const settle = (frame: TriggeredFrame, verdict: Verdict, picture?: Picture) => {
      const changes = verdict.verdict === 'ok' ? tracker.update(verdict.detections, frame) : tracker.unknown(frame);
      reporter.verdict(frame, verdict, changes, tracker.present(), picture);
    };
    const handover = new Handover<TriggeredFrame>((frame, reason) => {
      settle(frame, { verdict: 'unknown', model: inference.active.config.model, latencyMs: 0, reason, message: 'not sent' });
    });

    const watch: Task = async (ended) => {
      for await (const frame of source.frames(ended)) {
        reporter.online();
        stats.seen();
        if (gate.push(detect(frame), frame.at)) reporter.motion(gate.open);
        const reason = sampler.next(frame.at, gate.open);
        if (!reason) continue;
        stats.ledger.triggered();
        const deadline = frame.at + inference.active.config.deadline;
        handover.offer({ reason, deadline, at: frame.at, time: frame.time, picture: source.capture(frame) });
      }
    };

    const answer: Task = async (ended) => {
      while (!ended.aborted) {
        await handover.waiting(ended);
        const { client, config: service, permits } = inference.active;
        using permit = await permits.acquire(ended);
        const frame = permit && handover.takeNow();
        if (!frame) continue;
        using link = new LinkedAbort(ended, frame.deadline - performance.now());
        try {
          const picture = await frame.picture(link.signal);
          settle(frame, await client.infer(picture, { model: service.model, deadline: frame.deadline, signal: ended }), picture);
        } catch (error) {
          const reason = ended.aborted ? 'stopped' : 'no_picture';
          settle(frame, { verdict: 'unknown', model: service.model, latencyMs: 0, reason, message: describeError(error) });
        }
      }
    };

    const tick: Task = async (ended) => {
      while (!ended.aborted) {
        const now = performance.now();
        if (gate.tick(now)) reporter.motion(gate.open);
        reporter.changes(tracker.tick(now, performance.timeOrigin + now), tracker.present());
        await sleep(TICK_MS, ended);
      }
    };

    try {
      await together(signal, (ended) => supervise(watch, ended, supervisionOf(reporter)), answer, tick);
    } finally {
      handover.close();
      const now = performance.now();
      reporter.changes(tracker.stop({ at: now, time: performance.timeOrigin + now }), tracker.present());
      await reporter.close();
    }
  };
}
