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
  #storeError: string | undefined;
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

  /** Loads what is wanted and not there yet; logs what cannot be loaded. Throws ERR_WORKER_FAILED only. */
  async loadWanted(worker: ModelWorker): Promise<void> {
    for (const ref of await this.#refsWanted()) {
      const failed = this.#failed.get(ref);
      if (this.#ready.has(ref) || (failed && Date.now() < failed.retryAt)) continue;
      try {
        await this.load(worker, ref);
      } catch (error) {
        if (isFramegateError(error, 'ERR_WORKER_FAILED')) throw error;
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

  async #refsWanted(): Promise<readonly string[]> {
    if (this.#wanted.length > 0) return this.#wanted;
    try {
      const { models, broken } = await this.#store.list();
      this.#storeError = undefined;
      return [...models, ...broken].map(({ ref }) => ref);
    } catch (error) {
      // A store that cannot be read for a while is no reason to drop the models that were loaded from it.
      const message = describeError(error);
      if (message !== this.#storeError) this.#logger.error({ store: this.#store.directory }, message);
      this.#storeError = message;
      return [];
    }
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
      throw this.#fail(ref, error);
    }
  }

  #fail(ref: string, cause: unknown): FramegateError {
    const error = isFramegateError(cause)
      ? cause
      : new FramegateError('ERR_MODEL_CORRUPT', `model ${ref} cannot be read: ${describeError(cause)}`, { cause });
    const before = this.#failed.get(ref);
    const attempts = (before?.attempts ?? 0) + 1;
    const wait = Math.min(RETRY.maxMs, RETRY.initialMs * 2 ** (attempts - 1));
    // Looking for a model that is not there harms nobody, and it may be installed any moment.
    const retryAt = Date.now() + (error.code === 'ERR_MODEL_NOT_FOUND' ? 0 : wait);
    this.#failed.set(ref, { error, attempts, retryAt });
    if (before?.error.message !== error.message) this.#logger.error({ model: ref }, describeError(error));
    return error;
  }
}
