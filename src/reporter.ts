/**
 * Tells what one camera does: state topics at once, verdicts and events through the outbox in the order in which they happened.
 */
import type { CameraStats } from './camera-stats.ts';
import {
  type EncodedCamera,
  type EncodedFrame,
  encodeDetections,
  encodeEvent,
  encodeRestless,
  encodeSnapshot,
} from './events/encode.ts';
import type { OutboxEntry } from './events/message.ts';
import type { Detection } from './inference/detection.ts';
import type { Verdict } from './inference/verdict.ts';
import { describeError } from './lib/errors.ts';
import { Serial } from './lib/serial.ts';
import type { Restlessness } from './motion/restless.ts';
import type { StateStore } from './mqtt/state.ts';
import type { Outbox } from './outbox/outbox.ts';
import type { Picture } from './source/frame.ts';
import type { Logger } from './telemetry/logger.ts';
import type { TrackChange } from './tracking/tracker.ts';

export interface ReporterOptions {
  readonly camera: EncodedCamera;
  readonly state: StateStore;
  readonly outbox: Outbox;
  readonly stats: CameraStats;
  readonly logger: Logger;
}

/** Id of the tracked object that a detection belongs to, if it is one that was told. */
export type TrackOf = (detection: Detection) => string | undefined;

const RESTLESS = {
  somewhere:
    'camera triggers without end and is limited to its fair share: if nothing there matters, add the mask to motion.masks',
  everywhere: 'camera triggers without end, all over the picture, and is limited to its fair share',
};

export class Reporter {
  readonly #options: ReporterOptions;
  readonly #appends: Serial;
  /** Every label that was ever present, so that its absence is told too. */
  readonly #labels = new Set<string>();
  #unanswered = 0;
  /** The mask that was proposed last, as JSON; undefined while the camera is calm. */
  #blamed: string | undefined;

  constructor(options: ReporterOptions) {
    this.#options = options;
    this.#appends = new Serial((error) =>
      options.logger.error({ reason: describeError(error) }, 'events could not be queued'),
    );
    this.motion(false);
    const { camera, state } = options;
    state.set(camera.topics.restless, encodeRestless(camera, undefined, Date.now()));
    this.#options.state.set(options.camera.topics.availability, 'offline');
  }

  /** A frame came. */
  online(): void {
    const { camera, stats, state, logger } = this.#options;
    if (stats.state === 'online') return;
    stats.state = 'online';
    stats.problem = undefined;
    state.set(camera.topics.availability, 'online');
    logger.info({ reconnects: stats.reconnects }, 'camera is online');
  }

  /** The session with the camera was lost, or none could be had. */
  offline(error: unknown, restartInMs: number, attempt: number): void {
    const { camera, stats, state, logger } = this.#options;
    const problem = describeError(error);
    const isNews = stats.problem !== problem || (attempt & (attempt - 1)) === 0;
    if (stats.state === 'online') stats.reconnects += 1;
    stats.state = 'offline';
    stats.problem = problem;
    state.set(camera.topics.availability, 'offline');
    if (isNews) logger.warn({ reason: problem, attempt, restartInMs }, 'camera is offline');
  }

  motion(open: boolean): void {
    const { camera, stats, state } = this.#options;
    stats.gate = open ? 'open' : 'closed';
    state.set(camera.topics.motion, open ? 'ON' : 'OFF');
  }

  /** The camera triggers without end, or, undefined, does no more. It is told when that changes, and what is to blame. */
  restless(restlessness: Restlessness | undefined): void {
    const { camera, stats, state, logger } = this.#options;
    const blamed = restlessness && JSON.stringify(restlessness.proposedMask ?? null);
    const isNews = blamed !== this.#blamed;
    const wasRestless = this.#blamed !== undefined;
    stats.restless = restlessness;
    this.#blamed = blamed;
    if (!isNews) return;
    state.set(camera.topics.restless, encodeRestless(camera, restlessness, Date.now()));
    const fields = { region: JSON.stringify(restlessness?.region), mask: JSON.stringify(restlessness?.proposedMask) };
    if (restlessness) logger.warn(fields, RESTLESS[restlessness.region ? 'somewhere' : 'everywhere']);
    else if (wasRestless) logger.info({}, 'camera triggers as usual again');
  }

  /** The verdict on one frame, and what it changed. `picture` is what the model was shown, `trackOf` gives the object a detection belongs to. */
  verdict(
    frame: EncodedFrame,
    verdict: Verdict,
    changes: readonly TrackChange[],
    trackOf: TrackOf,
    picture?: Picture,
  ): void {
    this.#noteAnswer(verdict);
    this.#append([
      encodeDetections(this.#options.camera, frame, verdict, trackOf),
      ...this.#entries(changes, verdict.model, picture),
    ]);
  }

  /** Changes that no frame brought about: time passed, or the camera stops. */
  changes(changes: readonly TrackChange[], model: string): void {
    this.#append(this.#entries(changes, model));
  }

  presence(present: ReadonlyMap<string, number>): void {
    const { camera, state } = this.#options;
    for (const label of present.keys()) this.#labels.add(label);
    for (const label of this.#labels) {
      const count = present.get(label) ?? 0;
      state.set(camera.topics.presence(label), count > 0 ? 'ON' : 'OFF');
      state.set(camera.topics.count(label), String(count));
    }
  }

  /** The camera is given up, for now or for good. Resolves when all that was told is in the outbox. */
  async close(): Promise<void> {
    const { camera, stats, state } = this.#options;
    this.motion(false);
    state.set(camera.topics.availability, 'offline');
    if (this.#blamed !== undefined) state.set(camera.topics.restless, encodeRestless(camera, undefined, Date.now()));
    stats.restless = undefined;
    stats.state = 'offline';
    await this.#appends.idle();
  }

  /** A snapshot comes before the event that names it. */
  #entries(changes: readonly TrackChange[], model: string, picture?: Picture): OutboxEntry[] {
    const { camera, stats } = this.#options;
    return changes.flatMap((change) => {
      stats.event(change.type);
      const event = encodeEvent(camera, change, model);
      return change.isBest && picture ? [encodeSnapshot(camera, picture, picture.jpeg), event] : [event];
    });
  }

  #append(entries: readonly OutboxEntry[]): void {
    if (entries.length > 0) void this.#appends.run(() => this.#options.outbox.append(entries));
  }

  /** Says once that the model stopped answering and once that it answers again; the verdicts tell the rest. */
  #noteAnswer(verdict: Verdict): void {
    const { logger } = this.#options;
    if (verdict.verdict === 'ok') {
      if (this.#unanswered > 0)
        logger.info({ model: verdict.model, unanswered: this.#unanswered }, 'the model answers again');
      this.#unanswered = 0;
      return;
    }
    if (verdict.reason === 'superseded' || verdict.reason === 'stopped') return;
    this.#unanswered += 1;
    if (this.#unanswered === 1) {
      logger.warn(
        { model: verdict.model, verdict: verdict.reason, reason: verdict.message },
        'the model did not answer',
      );
    }
  }
}
