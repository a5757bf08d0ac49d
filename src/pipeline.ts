/**
 * One camera, from source to outbox:
 *
 *   source -> watch (motion -> gate -> sampler) -> hand-over -> ask (inference) -> tracker -> reporter (events -> outbox -> mqtt)
 *
 * Three loops share it. `follow` never waits for the model: it looks at each frame and offers the triggered ones. `summon` offers those that
 * something outside asks for. `answer` takes the next of them whenever the model has room.
 */
import { ask, type Outcome, type TriggeredFrame, unknown } from './ask.ts';
import type { CameraStats } from './camera-stats.ts';
import type { CameraTriggers } from './camera-triggers.ts';
import type { CameraConfig } from './config/schema.ts';
import { areaToShow } from './inference/crop.ts';
import type { CurrentInference } from './inference/current-inference.ts';
import type { Verdict } from './inference/verdict.ts';
import { sleep } from './lib/abort.ts';
import type { Box } from './lib/box.ts';
import { wallClock } from './lib/clock.ts';
import { supervise } from './lib/supervise.ts';
import { type Task, together } from './lib/together.ts';
import { createRecentMotion } from './motion/recent-motion.ts';
import type { Reporter } from './reporter.ts';
import type { LumaFrame, Moment, Picture } from './source/frame.ts';
import type { Source } from './source/source.ts';
import { sourceSupervision } from './source/supervision.ts';
import type { SwitchValues } from './switches.ts';
import { createTracker, type Followed, type TrackChange } from './tracking/tracker.ts';
import type { TriggerCause } from './trigger/cause.ts';
import { Handover } from './trigger/handover.ts';
import type { TriggerReason } from './trigger/sampler.ts';
import { createWatch } from './watch.ts';

const TICK_MS = 500;

export interface PipelineParts {
  readonly source: Source;
  readonly inference: CurrentInference;
  readonly reporter: Reporter;
  readonly stats: CameraStats;
  readonly triggers: CameraTriggers;
  readonly switches: () => SwitchValues;
  /** Told of each frame that the model answered, with the objects that were followed before it. Returns at once. */
  readonly learn: (answered: Answered) => void;
}

export interface Answered {
  readonly frame: TriggeredFrame;
  readonly picture: Picture;
  readonly verdict: Extract<Verdict, { verdict: 'ok' }>;
  readonly followed: readonly Followed[];
}

export function createPipeline(config: CameraConfig, parts: PipelineParts): Task {
  const { source, inference, reporter, stats, triggers, switches, learn } = parts;
  return async (signal) => {
    const watch = createWatch(config);
    const handover = new Handover<TriggeredFrame>((frame, reason) =>
      settle(frame, unknown(model(), reason, 'not sent')),
    );
    const tracker = createTracker(config.tracking, config.zones);
    const recentMotion = createRecentMotion();
    const model = () => inference.active.config.model;
    let { sensitivity } = config.motion;
    /** Of the latest triggered frame: objects are followed in the order of time. */
    let triggeredAt = Number.NEGATIVE_INFINITY;

    const follow: Task = async (ended) => {
      for await (const frame of source.frames(ended)) {
        reporter.online();
        stats.seen();
        const { motion, detect } = switches();
        if (!motion) continue;
        const { change, reason, look, orderFrom } = watch.see(frame);
        if (change) reporter.motion(watch.open);
        recentMotion.push(look.regions, frame.at);
        const area = reason || orderFrom !== undefined ? areaOf(frame) : undefined;
        if (reason && detect) offer(frame, reason, 'motion', area);
        source.attend(look);
        if (orderFrom !== undefined && detect) source.order(orderFrom, area);
      }
    };

    const summon: Task = async (ended) => {
      while (!ended.aborted) {
        await triggers.gate.waiting(ended);
        const due = triggers.gate.take();
        if (!due || ended.aborted || !switches().detect || stats.state !== 'online') continue;
        const isAskedFor = due.reason === 'opened' && (due.cause === 'api' || due.cause === 'mqtt');
        // While something moves, frames are sent anyway.
        if (watch.active && !isAskedFor) continue;
        const at = performance.now();
        offer({ at, time: wallClock(at) }, due.reason, due.cause);
      }
    };

    /** What of a picture the model should see, objects that are followed included. */
    const areaOf = (frame: LumaFrame) =>
      inference.active.config.crop === 'auto'
        ? areaToShow(
            frame,
            recentMotion.regions(frame.at),
            tracker.followed().map(({ box }) => box),
          )
        : undefined;

    const offer = ({ at, time }: Moment, reason: TriggerReason, cause: TriggerCause, area?: Box) => {
      if (at <= triggeredAt) return;
      triggeredAt = at;
      tracker.triggered();
      stats.triggered(cause);
      const deadline = at + inference.active.config.deadline;
      const decode = source.capture({ at, time }, area);
      handover.offer({
        at,
        time,
        reason,
        cause,
        deadline,
        ...(cause === 'motion' && { motion: recentMotion.regions(at) }),
        area,
        settlement: stats.ledger.triggered(),
        decode,
      });
    };

    /** Switches take effect also when no frame comes. */
    const obey = (at: number) => {
      const { motion, motion_sensitivity: wanted } = switches();
      source.pause(!motion);
      if (!motion && watch.close(at)) reporter.motion(false);
      if (wanted === sensitivity) return;
      sensitivity = wanted;
      watch.configure({ ...config.motion, sensitivity });
    };

    const answer: Task = async (ended) => {
      while (!ended.aborted) {
        await handover.waiting(ended);
        await answerNext(ended);
      }
    };

    /** A function of its own, so that a frame and its pictures are not kept until the next one comes. */
    const answerNext: Task = async (ended) => {
      using permit = await inference.active.permits.acquire(ended);
      const frame = permit && handover.takeNow();
      if (frame) settle(frame, await ask(frame, inference, stats, ended));
    };

    const settle = (frame: TriggeredFrame, { verdict, picture }: Outcome) => {
      if (verdict.verdict === 'ok') frame.settlement.answered();
      else frame.settlement.unknown(verdict.reason);
      if (verdict.verdict === 'ok' && picture) learn({ frame, picture, verdict, followed: tracker.followed() });
      const changes =
        verdict.verdict === 'ok' ? tracker.update(verdict.detections, frame, frame.motion) : tracker.unknown(frame);
      reporter.verdict(frame, verdict, changes, (detection) => tracker.idOf(detection), picture);
      reporter.presence(tracker.present());
    };

    const tick: Task = async (ended) => {
      while (!ended.aborted) {
        const at = performance.now();
        obey(at);
        if (watch.tick(at)) reporter.motion(watch.open);
        reporter.restless(watch.restlessness);
        const onvif = triggers.onvif();
        if (onvif)
          stats.agreement.note(at, {
            camera: onvif.motion,
            ours: watch.open,
            heard: onvif.state === 'listening' && stats.state === 'online',
          });
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
      await together(signal, (ended) => supervise(follow, ended, supervision), summon, answer, tick);
    } finally {
      handover.close();
      const at = performance.now();
      tell(tracker.stop({ at, time: wallClock(at) }));
      await reporter.close();
    }
  };
}
