/**
 * A model that a program outside of this server runs: kept alive, asked within its bounds.
 */

import type { Detection } from '../../inference/detection.ts';
import { describeError, FramegateError } from '../../lib/errors.ts';
import { Semaphore } from '../../lib/semaphore.ts';
import { supervise } from '../../lib/supervise.ts';
import type { InstalledModel } from '../../models/installed.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { boxInFrame } from '../decoders/decoder.ts';
import type { PreparedPicture } from '../worker-protocol.ts';
import type { RunnerBox } from './messages.ts';
import { type RunnerDeadlines, RunnerProcess } from './runner-process.ts';

const BACKOFF = { initialMs: 500, maxMs: 30_000, healthyMs: 60_000 };

/** A stick that gets a new firmware at each start takes ten seconds; the rest is for slow boards. */
export const RUNNER_DEADLINES: RunnerDeadlines = { readyMs: 60_000, answerMs: 10_000, healthMs: 10_000 };

export interface ExecRunnerOptions {
  readonly command: readonly string[];
  readonly model: InstalledModel;
  readonly logger: Logger;
  readonly deadlines?: RunnerDeadlines;
  readonly onFailure: () => void;
}

export class ExecRunner {
  readonly #options: ExecRunnerOptions;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #life: RunnerProcess | undefined;
  #permits = new Semaphore(1);
  #labels: readonly string[];

  constructor(options: ExecRunnerOptions) {
    this.#options = options;
    this.#labels = options.model.manifest.labels;
  }

  /** The labels of its classes: its own, or those of the manifest. */
  get labels(): readonly string[] {
    return this.#labels;
  }

  /** Starts it and keeps it alive until `stop`. Resolves when it is ready; throws ERR_WORKER_FAILED when its first life fails. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      const { logger, model, onFailure } = this.#options;
      this.#running = supervise((signal) => this.#live(signal, resolve), this.#stop.signal, {
        backoff: BACKOFF,
        onFailure: (error, restartInMs) => {
          reject(error);
          onFailure();
          logger.error({ model: model.ref, restart_in_ms: restartInMs }, describeError(error));
        },
      });
      // Nobody waits for one that was stopped before it was ready.
      void this.#running.then(() => reject(this.#notReady('it was stopped')));
    });
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** What it sees, unsorted, not yet suppressed. Throws ERR_INFERENCE_UNAVAILABLE while it is down, ERR_WORKER_FAILED, ERR_IMAGE_INVALID. */
  async detect({ data, fit }: PreparedPicture, wait: AbortSignal): Promise<Detection[]> {
    using permit = await this.#permits.acquire(wait);
    const life = this.#life;
    if (!permit || !life) {
      throw this.#notReady('it is being started; try again in a second');
    }
    const boxes = await life.detect(new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength));
    const { width, height } = this.#options.model.manifest.input;
    return boxes.flatMap((box) => toDetection(box, this.#labels, width, height, fit));
  }

  #notReady(hint: string): FramegateError {
    const message = `the runner of ${this.#options.model.ref} is not ready`;
    return new FramegateError('ERR_INFERENCE_UNAVAILABLE', message, { hint });
  }

  async #live(signal: AbortSignal, onReady: () => void): Promise<void> {
    const { command, model, logger, deadlines = RUNNER_DEADLINES } = this.#options;
    const life = new RunnerProcess(command, model, deadlines);
    try {
      await life.run(signal, ({ runner, labels, concurrency }) => {
        this.#labels = labels ?? model.manifest.labels;
        this.#permits = new Semaphore(concurrency);
        this.#life = life;
        logger.info({ model: model.ref, runner, concurrency }, 'runner ready');
        onReady();
      });
    } finally {
      this.#life = undefined;
    }
  }
}

function toDetection(
  [x1, y1, x2, y2, score, classId]: RunnerBox,
  labels: readonly string[],
  width: number,
  height: number,
  fit: PreparedPicture['fit'],
): Detection[] {
  const label = labels[classId];
  const box = boxInFrame(x1 * width, y1 * height, x2 * width, y2 * height, fit);
  return label === undefined || !box ? [] : [{ label, score: Math.min(1, Math.max(0, score)), box }];
}
