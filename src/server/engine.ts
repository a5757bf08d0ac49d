/**
 * Between HTTP and the worker process: the bounded queue, the lives of the worker, the models it holds.
 */
import { LinkedAbort, sleep } from '../lib/abort.ts';
import { describeError, FramegateError } from '../lib/errors.ts';
import { supervise } from '../lib/supervise.ts';
import { together } from '../lib/together.ts';
import type { ModelManifest } from '../models/manifest.ts';
import type { Logger } from '../telemetry/logger.ts';
import { JobQueue } from './job-queue.ts';
import type { DropReason, ServeMetrics } from './metrics.ts';
import { ModelWorker } from './model-worker.ts';
import type { ServedModels } from './served-models.ts';
import type { DetectOptions, PictureAnswer } from './worker-protocol.ts';

/** One picture is decoded while another runs through its model. */
const PICTURES_IN_WORKER = 2;
/** Cameras move on: an answer that comes later than this helps nobody. */
const LONGEST_WAIT_MS = 10_000;
/** How soon a model that was installed while the server runs is there. */
const RESCAN_MS = 5_000;
const BACKOFF = { initialMs: 500, maxMs: 30_000, healthyMs: 60_000 };

export interface Inference {
  readonly ref: string;
  /** An encoded picture. */
  readonly image: Uint8Array;
  readonly options: DetectOptions;
}

export interface InferenceResult {
  readonly picture: PictureAnswer;
  readonly manifest: ModelManifest;
}

export interface EngineOptions {
  readonly models: ServedModels;
  readonly maxQueue: number;
  readonly metrics: ServeMetrics;
  readonly logger: Logger;
  /** The compiled entry of the worker process. */
  readonly workerFile: URL;
  /** A worker that does not answer for this long hangs. */
  readonly workerDeadlineMs: number;
  /** Called each time a worker is up and its models are loaded. */
  readonly onUp: () => void;
}

interface Job extends Inference {
  /** Aborts when the client went away or the wait was too long. */
  readonly signal: AbortSignal;
  started: boolean;
  resolve(result: InferenceResult): void;
  reject(error: unknown): void;
}

export class Engine {
  readonly #options: EngineOptions;
  readonly #queue: JobQueue<Job>;
  #worker: ModelWorker | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#queue = new JobQueue(options.maxQueue);
  }

  /** True while a worker is up and has tried to load what it should hold. */
  get isUp(): boolean {
    return this.#worker !== undefined;
  }

  get queueLength(): number {
    return this.#queue.length;
  }

  get workerMemory(): number {
    return this.#worker?.memory ?? 0;
  }

  get workerPid(): number | undefined {
    return this.#worker?.pid;
  }

  /** Runs a worker and replaces it when it dies. Resolves when `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { logger, metrics } = this.#options;
    await supervise((life) => this.#live(life), signal, {
      backoff: BACKOFF,
      onFailure: (error, restartInMs) => {
        metrics.workerFailures.inc();
        logger.error({ restart_in_ms: restartInMs }, describeError(error));
      },
    });
  }

  /**
   * Waits for its turn and asks the model. Throws ERR_INFERENCE_OVERLOADED when the queue is full or the wait too long,
   * ERR_INFERENCE_UNAVAILABLE when no worker is up, ERR_WORKER_FAILED when it died over this picture, ERR_IMAGE_INVALID, ERR_MODEL_*.
   */
  async detect(inference: Inference, client: AbortSignal): Promise<InferenceResult> {
    await this.#options.models.check(inference.ref);
    if (!this.isUp) throw this.#drop('worker_down');
    using wait = new LinkedAbort(client, LONGEST_WAIT_MS);
    return await new Promise<InferenceResult>((resolve, reject) => {
      const job: Job = { ...inference, signal: wait.signal, started: false, resolve, reject };
      if (!this.#queue.push(job)) {
        reject(this.#drop('queue_full'));
        return;
      }
      const giveUp = () => {
        this.#queue.remove(job);
        if (!job.started) reject(this.#drop(wait.timedOut ? 'waited_too_long' : 'client_gone'));
      };
      if (wait.signal.aborted) giveUp();
      else wait.signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  async #live(signal: AbortSignal): Promise<void> {
    const worker = new ModelWorker(this.#options.workerFile, this.#options.workerDeadlineMs);
    this.#options.models.reset();
    try {
      await together(
        signal,
        (life) => worker.run(life),
        (life) => this.#feed(worker, life),
      );
    } finally {
      this.#worker = undefined;
      for (const job of this.#queue.clear()) job.reject(this.#drop('worker_down'));
    }
  }

  async #feed(worker: ModelWorker, signal: AbortSignal): Promise<void> {
    await worker.hello();
    await this.#options.models.loadWanted(worker);
    if (signal.aborted) return;
    this.#worker = worker;
    this.#options.onUp();
    const takers = Array.from({ length: PICTURES_IN_WORKER }, () => (life: AbortSignal) => this.#take(worker, life));
    await together(signal, ...takers, (life) => this.#rescan(worker, life));
  }

  async #rescan(worker: ModelWorker, signal: AbortSignal): Promise<void> {
    for (;;) {
      await sleep(RESCAN_MS, signal);
      if (signal.aborted) return;
      await this.#options.models.loadWanted(worker);
    }
  }

  async #take(worker: ModelWorker, signal: AbortSignal): Promise<void> {
    for (let job = await this.#queue.take(signal); job; job = await this.#queue.take(signal)) {
      try {
        const result = await this.#work(worker, job);
        if (result) job.resolve(result);
      } catch (error) {
        job.reject(error);
      }
    }
  }

  /** Undefined when nobody waits for it any more. */
  async #work(worker: ModelWorker, job: Job): Promise<InferenceResult | undefined> {
    const { models, metrics } = this.#options;
    const { manifest } = await models.load(worker, job.ref);
    if (job.signal.aborted) return undefined;
    job.started = true;
    const picture = await worker.detect({ ref: job.ref, image: job.image, options: job.options });
    metrics.inference.observe({ model: job.ref }, picture.seconds);
    return { picture, manifest };
  }

  #drop(reason: DropReason): FramegateError {
    this.#options.metrics.dropped.inc({ reason });
    switch (reason) {
      case 'queue_full':
        return new FramegateError('ERR_INFERENCE_OVERLOADED', 'too many pictures wait already', {
          hint: 'try again in a second, or send fewer',
        });
      case 'waited_too_long':
        return new FramegateError('ERR_INFERENCE_OVERLOADED', `not begun within ${LONGEST_WAIT_MS / 1000} s`, {
          hint: 'the models are busy or one is still loading; try again in a second',
        });
      case 'client_gone':
        return new FramegateError('ERR_INFERENCE_UNAVAILABLE', 'the client went away');
      case 'worker_down':
        return new FramegateError('ERR_INFERENCE_UNAVAILABLE', 'the models are still loading', {
          hint: 'try again in a second',
        });
    }
  }
}
