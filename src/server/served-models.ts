import { describeError, FramegateError, isFramegateError } from '../lib/errors.ts';
import type { ModelManifest } from '../models/manifest.ts';
import type { ModelStore } from '../models/store.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { ModelWorker } from './model-worker.ts';

/** A model that cannot be loaded is tried again, ever more rarely: loading it may be what kills the worker of all others. */
const RETRY = { initialMs: 5_000, maxMs: 600_000 };

export interface ReadyModel {
  readonly manifest: ModelManifest;
  /** How long the load took, with the check of the hash and a first run. */
  readonly loadMs: number;
}

interface FailedModel {
  readonly error: FramegateError;
  readonly attempts: number;
  readonly retryAt: number;
}

/** Which models the worker holds, and which it should hold and cannot. Lives longer than a worker. */
export class ServedModels {
  readonly #store: ModelStore;
  /** References; empty means all in the store. */
  readonly #wanted: readonly string[];
  readonly #logger: Logger;
  readonly #ready = new Map<string, ReadyModel>();
  readonly #failed = new Map<string, FailedModel>();
  readonly #loading = new Map<string, Promise<ReadyModel>>();

  constructor(store: ModelStore, wanted: readonly string[], logger: Logger) {
    this.#store = store;
    this.#wanted = wanted;
    this.#logger = logger;
  }

  get ready(): ReadonlyMap<string, ReadyModel> {
    return this.#ready;
  }

  /** Error by model. */
  get failed(): ReadonlyMap<string, FramegateError> {
    return new Map([...this.#failed].map(([ref, { error }]) => [ref, error]));
  }

  /** A new worker holds nothing. */
  reset(): void {
    this.#ready.clear();
    this.#loading.clear();
  }

  /** Throws what is wrong with a model that cannot be served: ERR_MODEL_NOT_FOUND, _CORRUPT, _UNSUPPORTED. Costs nothing once it is loaded. */
  async check(ref: string): Promise<void> {
    if (this.#ready.has(ref)) return;
    await this.#store.find(ref);
    const failed = this.#failed.get(ref);
    if (failed && Date.now() < failed.retryAt) throw failed.error;
  }

  /** Loads what is wanted and not there yet; logs what cannot be loaded. Throws only what is not the fault of one model. */
  async loadWanted(worker: ModelWorker): Promise<void> {
    const { models, broken } = await this.#store.list();
    const wanted = this.#wanted.length > 0 ? this.#wanted : [...models, ...broken].map(({ ref }) => ref);
    for (const ref of wanted) {
      const failed = this.#failed.get(ref);
      if (this.#ready.has(ref) || (failed && Date.now() < failed.retryAt)) continue;
      try {
        await this.load(worker, ref);
      } catch (error) {
        if (!isModelError(error)) throw error;
      }
    }
  }

  /** The model, loaded if need be; two callers share one load. */
  load(worker: ModelWorker, ref: string): Promise<ReadyModel> {
    const ready = this.#ready.get(ref);
    if (ready) return Promise.resolve(ready);
    const underWay = this.#loading.get(ref);
    if (underWay) return underWay;
    const load = this.#open(worker, ref).finally(() => this.#loading.delete(ref));
    this.#loading.set(ref, load);
    return load;
  }

  async #open(worker: ModelWorker, ref: string): Promise<ReadyModel> {
    const startedAt = performance.now();
    try {
      const { file, manifest } = await this.#store.verify(ref);
      await worker.load({ ref, file, manifest });
      const model = { manifest, loadMs: Math.round(performance.now() - startedAt) };
      this.#ready.set(ref, model);
      this.#failed.delete(ref);
      this.#logger.info({ model: ref, ms: model.loadMs }, 'model loaded');
      return model;
    } catch (error) {
      this.#fail(ref, error);
      throw error;
    }
  }

  #fail(ref: string, cause: unknown): void {
    const error = isFramegateError(cause)
      ? cause
      : new FramegateError('ERR_MODEL_CORRUPT', `model ${ref} cannot be read: ${describeError(cause)}`, { cause });
    const before = this.#failed.get(ref);
    const attempts = (before?.attempts ?? 0) + 1;
    const retryAt = Date.now() + Math.min(RETRY.maxMs, RETRY.initialMs * 2 ** (attempts - 1));
    this.#failed.set(ref, { error, attempts, retryAt });
    if (before?.error.message !== error.message) this.#logger.error({ model: ref }, describeError(error));
  }
}

const isModelError = (error: unknown) =>
  isFramegateError(error, 'ERR_MODEL_NOT_FOUND', 'ERR_MODEL_CORRUPT', 'ERR_MODEL_UNSUPPORTED', 'ERR_MODEL_HASH');
