/**
 * Active learning: chooses frames of which the model was unsure, and uploads them to the dataset that it is trained with. It is never in the way of
 * frames: they are offered, and nobody waits.
 *
 * `chosen = uploaded + dropped (by reason) + waiting` at any moment.
 */
import { sleep } from '../lib/abort.ts';
import { BoundedQueue } from '../lib/bounded-queue.ts';
import type { Logger } from '../telemetry/logger.ts';
import { Allowance } from './allowance.ts';
import { type AnsweredFrame, type ChoiceReason, choose } from './choose.ts';
import type { LearningConfig } from './config.ts';
import { Dataset, type DatasetFailure, type DatasetPicture } from './dataset.ts';

/** Pictures that wait for their upload; each has some hundred kilobytes. */
const MAX_WAITING = 8;
const ATTEMPTS = 3;
/** Before the second attempt, doubled before the third; jittered to between half and the whole of it. */
const RETRY_MS = 10_000;
const MAX_RETRY_MS = 5 * 60_000;
/** Key or project are wrong: nothing is chosen for this long. */
const REFUSED_MS = 15 * 60_000;

/**
 * - `rate_limited`: more than `maxPerHour` or `maxPerDay`;
 * - `queue_full`: the upload is slower than what comes, and the oldest is left out;
 * - `refused`, `rejected`, `failed`: see `DatasetFailure`;
 * - `stopped`: it waited when the gateway stopped or the config changed.
 */
export type LearningDrop = 'rate_limited' | 'queue_full' | 'refused' | 'rejected' | 'failed' | 'stopped';

export interface LearningSnapshot {
  readonly chosen: Readonly<Record<ChoiceReason, number>>;
  readonly uploaded: number;
  readonly dropped: Readonly<Record<LearningDrop, number>>;
  readonly waiting: number;
  /** Why nothing is uploaded now. */
  readonly problem?: string;
}

export interface OfferedFrame extends AnsweredFrame {
  readonly camera: string;
  /** Ms since the epoch. */
  readonly time: number;
  readonly model: string;
  readonly jpeg: Buffer;
}

interface Session {
  readonly config: LearningConfig;
  readonly waiting: BoundedQueue<DatasetPicture>;
}

export class Learner {
  readonly #retryMs: number;
  readonly #random: () => number;
  readonly #allowance = new Allowance();
  readonly #chosen: Record<ChoiceReason, number> = { disagreement: 0, near_threshold: 0, random: 0 };
  readonly #dropped: Record<LearningDrop, number> = {
    rate_limited: 0,
    queue_full: 0,
    refused: 0,
    rejected: 0,
    failed: 0,
    stopped: 0,
  };
  #uploaded = 0;
  #underWay = 0;
  #session: Session | undefined;
  #refused: { readonly until: number; readonly message: string } | undefined;

  constructor({
    retryMs = RETRY_MS,
    random = Math.random,
  }: { readonly retryMs?: number; readonly random?: () => number } = {}) {
    this.#retryMs = retryMs;
    this.#random = random;
  }

  /** Takes a frame that the model answered, if it is worth it. Returns at once; does nothing while active learning is off. */
  offer(frame: OfferedFrame): void {
    const session = this.#session;
    if (!session) return;
    const reason = choose(frame, session.config, this.#random);
    if (!reason) return;
    this.#chosen[reason] += 1;
    if (this.#isRefused) this.#dropped.refused += 1;
    else if (!this.#allowance.take(performance.now(), session.config)) this.#dropped.rate_limited += 1;
    else {
      const { camera, time, jpeg, detections, model } = frame;
      const tags = ['framegate', camera, reason, model.replace('/', '-')];
      const gone = session.waiting.push({ name: `${camera}-${Math.round(time)}`, jpeg, detections, tags });
      if (gone) this.#dropped.queue_full += 1;
    }
  }

  snapshot(): LearningSnapshot {
    return {
      chosen: { ...this.#chosen },
      uploaded: this.#uploaded,
      dropped: { ...this.#dropped },
      waiting: (this.#session?.waiting.length ?? 0) + this.#underWay,
      ...(this.#refused && this.#isRefused && { problem: this.#refused.message }),
    };
  }

  /** Uploads what is chosen until `signal` aborts. */
  async run(config: LearningConfig, logger: Logger, signal: AbortSignal): Promise<void> {
    await using dataset = new Dataset(config);
    const waiting = new BoundedQueue<DatasetPicture>(MAX_WAITING);
    const close = () => waiting.close();
    if (signal.aborted) close();
    signal.addEventListener('abort', close, { once: true });
    this.#session = { config, waiting };
    this.#refused = undefined;
    for await (const picture of waiting) {
      if (signal.aborted) this.#dropped.stopped += 1;
      else if (this.#isRefused) this.#dropped.refused += 1;
      else await this.#send(dataset, picture, config, logger, signal);
    }
    this.#session = undefined;
  }

  get #isRefused(): boolean {
    return this.#refused !== undefined && performance.now() < this.#refused.until;
  }

  async #send(
    dataset: Dataset,
    picture: DatasetPicture,
    { predictions }: LearningConfig,
    logger: Logger,
    signal: AbortSignal,
  ): Promise<void> {
    this.#underWay = 1;
    const upload = await this.#retried(() => dataset.upload(picture, signal), signal);
    this.#underWay = 0;
    if ('kind' in upload) return this.#failed(upload, logger, signal);
    this.#uploaded += 1;
    const { id } = upload;
    if (id === undefined || !predictions) return;
    const failure = await this.#retried(async () => (await dataset.annotate(id, picture, signal)) ?? {}, signal);
    if ('kind' in failure && !signal.aborted)
      logger.warn({ reason: failure.message }, 'a picture was uploaded without what the model saw');
  }

  /** Tries again what may pass. */
  async #retried<T extends object>(
    attempt: () => Promise<T | DatasetFailure>,
    signal: AbortSignal,
  ): Promise<T | DatasetFailure> {
    for (let count = 1; ; count += 1) {
      const result = await attempt();
      const mayPass = 'kind' in result && result.kind === 'failed';
      if (!mayPass || count >= ATTEMPTS || signal.aborted) return result;
      const wait = this.#retryMs * 2 ** (count - 1) * (0.5 + Math.random() / 2);
      await sleep(Math.min(MAX_RETRY_MS, Math.max(wait, result.retryAfterMs ?? 0)), signal);
    }
  }

  #failed({ kind, message }: DatasetFailure, logger: Logger, signal: AbortSignal): void {
    if (signal.aborted) {
      this.#dropped.stopped += 1;
      return;
    }
    this.#dropped[kind] += 1;
    logger.warn({ reason: message }, 'a picture could not be uploaded');
    if (kind === 'refused') this.#refused = { until: performance.now() + REFUSED_MS, message };
  }
}
