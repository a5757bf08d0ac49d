/**
 * Between HTTP and the processes that run models: leases, detection, drawing.
 */
import { aborted, sleep } from '../lib/abort.ts';
import { describeError, FramegateError } from '../lib/errors.ts';
import { together } from '../lib/together.ts';
import type { ModelManifest } from '../models/manifest.ts';
import type { ModelStore } from '../models/store.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { RunnerConfig } from './config.ts';
import { Dispatcher } from './dispatcher.ts';
import { countedDrops } from './drops.ts';
import type { Entry, Lease } from './entry.ts';
import type { ServeMetrics } from './metrics.ts';
import type { RequestWait } from './request-wait.ts';
import { Runners } from './runner/open-runner.ts';
import { select } from './select.ts';
import { ServedModels } from './served-models.ts';
import type { WireTensor } from './tensor.ts';
import { WorkerPool, type WorkerPoolOptions } from './worker-pool.ts';
import type { DetectOptions, Drawing, InferRequest, PictureAnswer } from './worker-protocol.ts';

/** How soon a model that was installed while the server runs is there. */
const RESCAN_MS = 5_000;

export interface Inference {
  /** An encoded picture. */
  readonly image: Uint8Array;
  readonly options: DetectOptions;
}

export interface InferenceResult {
  readonly picture: PictureAnswer;
  readonly manifest: ModelManifest;
  /** Of the classes; the runner's own, if it has any. */
  readonly labels: readonly string[];
}

export interface EngineOptions
  extends Pick<WorkerPoolOptions, 'workers' | 'settings' | 'workerFile' | 'workerDeadlineMs' | 'onUp'> {
  readonly store: ModelStore;
  /** Models to load; empty means all in the store. */
  readonly wanted: readonly string[];
  readonly maxQueue: number;
  readonly maxBatch: number;
  /** For loaded models, in bytes. */
  readonly memory: number;
  readonly runners: readonly RunnerConfig[];
  readonly metrics: ServeMetrics;
  readonly logger: Logger;
}

export class Engine {
  readonly models: ServedModels;
  readonly #options: EngineOptions;
  readonly #dispatcher: Dispatcher;
  readonly #runners: Runners;
  readonly #workers: WorkerPool;

  constructor(options: EngineOptions) {
    const { store, wanted, memory: budget, workers, runners, metrics, logger, maxQueue } = options;
    this.#options = options;
    this.#dispatcher = new Dispatcher(maxQueue, countedDrops(metrics), (pictures) => metrics.batch.observe(pictures));
    this.#runners = new Runners({ runners, logger, onFailure: () => metrics.workerFailures.inc() });
    this.models = new ServedModels({
      store,
      wanted,
      budget,
      workers,
      lanes: () => this.#workers.alive,
      openRunner: (model) => this.#runners.open(model),
      onEvicted: () => metrics.evictions.inc(),
      logger,
    });
    this.#workers = new WorkerPool({
      ...options,
      dispatcher: this.#dispatcher,
      fill: (lane) => this.models.fill(lane),
      onFailure: (error, restartInMs) => {
        metrics.workerFailures.inc();
        logger.error({ restart_in_ms: restartInMs }, describeError(error));
      },
    });
  }

  /** True while a worker is up and has tried to load what it should hold. */
  get isUp(): boolean {
    return this.#dispatcher.lanes.size > 0;
  }

  get workersUp(): number {
    return this.#dispatcher.lanes.size;
  }

  get queueLength(): number {
    return this.#dispatcher.length;
  }

  /** Of all workers, in bytes. */
  get workerMemory(): number {
    return this.#workers.memory;
  }

  /** Of the worker that is up longest. */
  get workerPid(): number | undefined {
    const [first] = this.#dispatcher.lanes;
    return first?.worker.pid;
  }

  /** Runs the workers and replaces those that die. Resolves when `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await together(
      signal,
      (life) => this.#workers.run(life),
      (life) => this.#rescan(life),
      // At the stop and not after it: a load may be waiting for a runner.
      (life) => aborted(life).then(() => this.#runners.close()),
    );
  }

  /** Holds the model, loading it if need be. Throws ERR_MODEL_*, and ERR_INFERENCE_* or ERR_TIMEOUT when that takes too long. */
  async lease(ref: string, wait: RequestWait): Promise<Lease> {
    const ready = this.models.lease(ref);
    if (ready) return ready;
    await this.models.check(ref);
    await this.#dispatcher.whileLoading(() => this.models.load(ref), wait);
    const loaded = this.models.lease(ref, true);
    if (loaded) return loaded;
    throw new FramegateError('ERR_INFERENCE_UNAVAILABLE', `model ${ref} was just removed`, {
      hint: 'try again in a second',
    });
  }

  /** Asks a model about a picture. Throws ERR_IMAGE_INVALID, ERR_WORKER_FAILED, and as `lease` does when its turn does not come. */
  async detect({ entry }: Lease, inference: Inference, wait: RequestWait): Promise<InferenceResult> {
    const { ref, manifest, runner } = entry;
    const { metrics } = this.#options;
    try {
      const picture = runner
        ? await this.#detectByRunner(entry, inference, wait)
        : await this.#dispatcher.submit(
            { kind: 'detect', key: entry.key, maxBatch: this.#batchOf(entry), ...inference },
            wait,
          );
      metrics.inference.observe({ model: ref }, picture.seconds);
      metrics.standard.add(ref, picture.seconds);
      return { picture, manifest, labels: runner?.labels ?? manifest.labels };
    } catch (error) {
      metrics.inferenceErrors.inc({ model: ref });
      metrics.standard.add(ref, undefined);
      throw error;
    }
  }

  /** Runs the graph of a model as it is. Throws ERR_INFERENCE_REJECTED when it does not take the inputs. */
  infer(
    { entry }: Lease,
    request: Pick<InferRequest, 'inputs' | 'outputs'>,
    wait: RequestWait,
  ): Promise<readonly WireTensor[]> {
    return this.#dispatcher.submit({ kind: 'infer', key: entry.key, ...request }, wait);
  }

  /** The picture as JPEG with its boxes. */
  draw(image: Uint8Array, { detections }: PictureAnswer, drawing: Drawing, wait: RequestWait): Promise<Uint8Array> {
    return this.#dispatcher.submit({ kind: 'draw', image, detections, drawing }, wait);
  }

  #batchOf({ about }: Entry): number {
    return about.hasBatchAxis ? this.#options.maxBatch : 1;
  }

  /** The workers decode, because that is where pictures from the network are taken apart. */
  async #detectByRunner(
    { runner, manifest }: Entry,
    { image, options }: Inference,
    wait: RequestWait,
  ): Promise<PictureAnswer> {
    const startedAt = performance.now();
    const prepared = await this.#dispatcher.submit({ kind: 'prepare', image, input: manifest.input }, wait);
    const found = (await runner?.detect(prepared, wait.signal)) ?? [];
    const seconds = (performance.now() - startedAt) / 1000;
    return { detections: select(found, manifest, options), width: prepared.width, height: prepared.height, seconds };
  }

  async #rescan(signal: AbortSignal): Promise<void> {
    for (;;) {
      await sleep(RESCAN_MS, signal);
      if (signal.aborted) return;
      if (this.isUp)
        await this.models.rescan().catch((error: unknown) => this.#options.logger.debug({}, describeError(error)));
    }
  }
}
