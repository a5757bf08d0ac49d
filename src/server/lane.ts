import type { InstalledModel } from '../models/installed.ts';
import type { ModelWorker } from './model-worker.ts';
import type { LoadedModel, SessionSettings } from './worker-protocol.ts';

/** A model under a key that no other has, so that a newer file of the same name is another model. */
export interface KeyedModel extends InstalledModel {
  readonly key: string;
}

/** One worker process and the models it holds. */
export class Lane {
  readonly worker: ModelWorker;
  readonly #settings: SessionSettings;
  readonly #loads = new Map<string, Promise<LoadedModel>>();
  readonly #held = new Set<string>();
  /** Requests that the worker has now. */
  running = 0;

  constructor(worker: ModelWorker, settings: SessionSettings) {
    this.worker = worker;
    this.#settings = settings;
  }

  /** False once the process is gone. */
  get isAlive(): boolean {
    return this.worker.pid !== undefined;
  }

  /** True when a request for the model can be sent. */
  holds(key: string): boolean {
    return this.#held.has(key);
  }

  /** Loads the model, unless that was done or begun. Throws ERR_MODEL_* or ERR_WORKER_FAILED. */
  load({ key, file, manifest }: KeyedModel): Promise<LoadedModel> {
    const known = this.#loads.get(key);
    if (known) return known;
    const load = this.worker.ask({ kind: 'load', key, file, manifest, settings: this.#settings }).then((about) => {
      this.#held.add(key);
      return about;
    });
    this.#loads.set(key, load);
    return load;
  }

  /** For models that no request needs any more. */
  async unload(key: string): Promise<void> {
    const load = this.#loads.get(key);
    if (!load) return;
    this.#loads.delete(key);
    await load;
    this.#held.delete(key);
    await this.worker.ask({ kind: 'unload', key });
  }
}
