/**
 * The worker processes and their lives: each is started, given its models, put to work, and replaced when it dies.
 */
import { aborted } from '../lib/abort.ts';
import { supervise } from '../lib/supervise.ts';
import { together } from '../lib/together.ts';
import type { Dispatcher } from './dispatcher.ts';
import { Lane } from './lane.ts';
import { ModelWorker } from './model-worker.ts';
import type { SessionSettings } from './worker-protocol.ts';

const BACKOFF = { initialMs: 500, maxMs: 30_000, healthyMs: 60_000 };

export interface WorkerPoolOptions {
  readonly workers: number;
  /** The compiled entry of the worker process. */
  readonly workerFile: URL;
  /** A worker that does not answer for this long hangs. */
  readonly workerDeadlineMs: number;
  readonly settings: SessionSettings;
  /** Gets each worker that has its models, until it is gone. */
  readonly dispatcher: Dispatcher;
  /** Gives a new worker its models. */
  readonly fill: (lane: Lane) => Promise<void>;
  /** Called each time a worker is up and none was before. */
  readonly onUp: () => void;
  readonly onFailure: (error: unknown, restartInMs: number) => void;
}

export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #alive = new Set<Lane>();

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  /** Those that run, whether they have their models or not. */
  get alive(): ReadonlySet<Lane> {
    return this.#alive;
  }

  /** Of all workers, in bytes. */
  get memory(): number {
    return [...this.#alive].reduce((sum, { worker }) => sum + worker.memory, 0);
  }

  /** Resolves when `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { workers, onFailure } = this.#options;
    const worker = (life: AbortSignal) => supervise((one) => this.#live(one), life, { backoff: BACKOFF, onFailure });
    await together(signal, ...Array.from({ length: workers }, () => worker));
  }

  async #live(signal: AbortSignal): Promise<void> {
    const { workerFile, workerDeadlineMs, settings, dispatcher } = this.#options;
    const worker = new ModelWorker(workerFile, workerDeadlineMs);
    const lane = new Lane(worker, settings);
    try {
      await together(
        signal,
        (life) => worker.run(life),
        (life) => this.#serve(lane, life),
      );
    } finally {
      this.#alive.delete(lane);
      dispatcher.remove(lane);
    }
  }

  async #serve(lane: Lane, signal: AbortSignal): Promise<void> {
    const { dispatcher, fill, onUp } = this.#options;
    await lane.worker.hello();
    this.#alive.add(lane);
    await fill(lane);
    if (signal.aborted) return;
    dispatcher.add(lane);
    if (dispatcher.lanes.size === 1) onUp();
    await aborted(signal);
  }
}
