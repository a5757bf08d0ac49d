/**
 * Which models should be loaded, which cannot be, and which one gives way when memory is short.
 */
import { isDeepStrictEqual } from 'node:util';
import { type FramegateError, isFramegateError } from '../lib/errors.ts';
import type { InstalledModel } from '../models/installed.ts';
import type { ModelStore } from '../models/store.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Entry, Lease } from './entry.ts';
import type { Lane } from './lane.ts';
import { LoadFailures } from './load-failures.ts';
import { LoadedModels } from './loaded-models.ts';
import { MemoryBudget, tooLarge } from './memory-budget.ts';
import { loadInto, startRunner } from './open-model.ts';
import type { ExecRunner } from './runner/exec-runner.ts';
import { StoreView } from './store-view.ts';

export interface ServedModelsOptions {
  readonly store: ModelStore;
  /** References; empty means all in the store. */
  readonly wanted: readonly string[];
  /** What loaded models may take, in bytes. */
  readonly budget: number;
  /** How many workers there are when all are up: each holds each model. */
  readonly workers: number;
  /** Those that live now. */
  readonly lanes: () => Iterable<Lane>;
  /** What runs a model that is not for the workers; not started yet. Throws ERR_MODEL_UNSUPPORTED when its runner is not configured. */
  readonly openRunner: (model: InstalledModel) => ExecRunner;
  readonly onEvicted: () => void;
  readonly logger: Logger;
}

export class ServedModels {
  readonly #options: ServedModelsOptions;
  readonly #view: StoreView;
  readonly #failures: LoadFailures;
  readonly #memory: MemoryBudget;
  readonly #loaded: LoadedModels;
  readonly #loading = new Map<string, Promise<Entry>>();
  /** Not loaded before they are asked: removed by a client, or too much for the memory. */
  readonly #parked = new Set<string>();
  #lastKey = 0;

  constructor(options: ServedModelsOptions) {
    this.#options = options;
    this.#loaded = new LoadedModels(options.lanes, options.logger);
    this.#view = new StoreView(options.store, options.logger);
    this.#failures = new LoadFailures(options.logger);
    const { budget, workers } = options;
    this.#memory = new MemoryBudget({
      budget,
      workers,
      entries: () => this.#loaded.all.values(),
      evict: (e) => this.#evict(e),
    });
  }

  get ready(): ReadonlyMap<string, Entry> {
    return this.#loaded.all;
  }

  /** Error by model. */
  get failed(): ReadonlyMap<string, FramegateError> {
    return this.#failures.errors;
  }

  /** The loaded model, kept until the lease is disposed; undefined when it has to be loaded first. */
  lease(ref: string, isColdStart = false): Lease | undefined {
    return this.#loaded.lease(ref, isColdStart);
  }

  /** Throws what is wrong with a model that cannot be served: ERR_MODEL_NOT_FOUND, _CORRUPT, _UNSUPPORTED, _TOO_LARGE. */
  async check(ref: string): Promise<void> {
    if (this.#loaded.all.has(ref)) return;
    await this.#options.store.find(ref);
    const error = this.#failures.pending(ref);
    if (error) throw error;
  }

  /** The versions of a project that are loaded or could be, in order, the latest last. */
  async versions(project: string): Promise<string[]> {
    const refs = new Set([...this.#loaded.all.keys(), ...((await this.#view.list())?.keys() ?? [])]);
    const ofProject = [...refs]
      .filter((ref) => ref.startsWith(`${project}/`))
      .map((ref) => ref.slice(project.length + 1));
    return ofProject.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  }

  /** Loads a model into the workers that live; two callers share one load. */
  async load(ref: string): Promise<void> {
    await this.check(ref);
    this.#parked.delete(ref);
    if (!this.#loaded.all.has(ref)) await this.#load(ref, this.#lanes(), true);
  }

  /** Unloads it after its last answer; it is loaded again when it is asked. False when it was not loaded. */
  remove(ref: string): boolean {
    const entry = this.#loaded.all.get(ref);
    if (!entry) return false;
    this.#parked.add(ref);
    this.#loaded.retire(entry);
    return true;
  }

  /** Gives a new worker what the others have, and loads what is wanted and not there yet. Throws ERR_WORKER_FAILED only. */
  async fill(lane: Lane): Promise<void> {
    for (const entry of this.#loaded.all.values()) await this.#loadOnto(lane, entry);
    await this.#loadWanted([lane]);
    // What came meanwhile.
    for (const entry of this.#loaded.all.values()) await this.#loadOnto(lane, entry);
  }

  /** Takes over what changed in the store. */
  async rescan(): Promise<void> {
    const installed = await this.#view.list();
    if (!installed) return;
    for (const entry of [...this.#loaded.all.values()]) {
      const now = installed.get(entry.ref);
      const isChanged = now?.manifest && !isDeepStrictEqual(now.manifest, entry.manifest);
      if (!now) this.#loaded.retire(entry);
      else if (isChanged && !this.#failures.pending(entry.ref)) await this.#tryLoad(entry.ref, this.#lanes());
    }
    this.#failures.prune((ref) => installed.has(ref) || this.#options.wanted.includes(ref));
    await this.#loadWanted(this.#lanes());
  }

  #lanes(): Lane[] {
    return [...this.#options.lanes()];
  }

  async #loadWanted(lanes: readonly Lane[]): Promise<void> {
    const { wanted, logger } = this.#options;
    const installed = await this.#view.list();
    for (const ref of wanted.length > 0 ? wanted : [...(installed?.keys() ?? [])]) {
      if (this.#loaded.all.has(ref) || this.#parked.has(ref) || this.#failures.pending(ref)) continue;
      const bytes = installed?.get(ref)?.manifest?.bytes ?? 0;
      if (this.#loaded.all.size > 0 && !this.#memory.hasRoom(bytes)) {
        this.#parked.add(ref);
        logger.info({ model: ref }, 'not loaded before it is asked, because memory is short: see serve.memory');
      } else if (installed?.get(ref)?.manifest?.runner) {
        // Hardware may take long to start: the others do not wait for it.
        void this.#tryLoad(ref, lanes).catch(() => undefined);
      } else await this.#tryLoad(ref, lanes);
    }
  }

  async #tryLoad(ref: string, lanes: readonly Lane[]): Promise<void> {
    try {
      await this.#load(ref, lanes, false);
    } catch (error) {
      if (!lanes.some(({ isAlive }) => isAlive)) throw error;
    }
  }

  #load(ref: string, lanes: readonly Lane[], mayEvict: boolean): Promise<Entry> {
    const underWay = this.#loading.get(ref);
    if (underWay) return underWay;
    const load = this.#open(ref, lanes, mayEvict)
      .catch((error: unknown) => {
        if (isFramegateError(error, 'ERR_INFERENCE_UNAVAILABLE')) throw error;
        throw this.#failures.add(ref, error);
      })
      .finally(() => this.#loading.delete(ref));
    this.#loading.set(ref, load);
    return load;
  }

  async #open(ref: string, lanes: readonly Lane[], mayEvict: boolean): Promise<Entry> {
    const startedAt = performance.now();
    const installed = await this.#options.store.verify(ref);
    if (mayEvict) this.#memory.makeRoom(installed.manifest.bytes, ref);
    this.#lastKey += 1;
    const model = { ...installed, key: `${ref}#${this.#lastKey}` };
    const isOnnx = (installed.manifest.runner ?? 'onnx') === 'onnx';
    const runner = isOnnx ? undefined : this.#options.openRunner(installed);
    const [first, ...others] = lanes;
    const about = runner ? await startRunner(runner) : await loadInto(first, model);
    const memory = runner ? 0 : Math.max(about.bytes, installed.manifest.bytes) * this.#options.workers;
    const loadMs = Math.round(performance.now() - startedAt);
    const entry: Entry = { ...model, about, runner, memory, loadMs, users: 0, lastUsed: 0, isRetired: false };
    this.#loaded.put(entry);
    this.#failures.clear(ref);
    this.#options.logger.info({ model: ref, ms: loadMs }, 'model loaded');
    if (about.fallback) this.#options.logger.warn({ model: ref }, about.fallback);
    if (!this.#memory.settle(entry)) {
      this.#loaded.retire(entry);
      throw tooLarge(ref);
    }
    if (!runner) void this.#spread(entry, others);
    return entry;
  }

  /** One worker after another, so that the others go on answering. */
  async #spread(entry: Entry, lanes: readonly Lane[]): Promise<void> {
    // A worker that dies gets the model when it is back.
    for (const lane of lanes) await this.#loadOnto(lane, entry).catch(() => undefined);
  }

  /** A model that a worker does not survive is not given to the next. Throws when the worker is gone. */
  async #loadOnto(lane: Lane, entry: Entry): Promise<void> {
    if (entry.runner || entry.isRetired) return;
    try {
      await lane.load(entry);
    } catch (error) {
      this.#loaded.retire(entry);
      this.#failures.add(entry.ref, error);
      if (!lane.isAlive) throw error;
    }
  }

  #evict(victim: Entry): void {
    this.#parked.add(victim.ref);
    this.#loaded.retire(victim);
    this.#options.onEvicted();
    this.#options.logger.info({ model: victim.ref }, 'model unloaded to make room');
  }
}
