import { describeError } from '../lib/errors.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Entry, Lease } from './entry.ts';
import type { Lane } from './lane.ts';

/** The models that answer now, by reference. One that is replaced or removed is unloaded after its last answer. */
export class LoadedModels {
  readonly #lanes: () => Iterable<Lane>;
  readonly #logger: Logger;
  readonly #entries = new Map<string, Entry>();
  #uses = 0;

  /** @param lanes the workers that live now. */
  constructor(lanes: () => Iterable<Lane>, logger: Logger) {
    this.#lanes = lanes;
    this.#logger = logger;
  }

  get all(): ReadonlyMap<string, Entry> {
    return this.#entries;
  }

  /** The model, kept until the lease is disposed; undefined when it has to be loaded first. */
  lease(ref: string, isColdStart: boolean): Lease | undefined {
    const entry = this.#entries.get(ref);
    if (!entry) return undefined;
    this.#uses += 1;
    entry.lastUsed = this.#uses;
    entry.users += 1;
    let isHeld = true;
    return {
      entry,
      isColdStart,
      [Symbol.dispose]: () => {
        if (!isHeld) return;
        isHeld = false;
        entry.users -= 1;
        this.#unloadIfIdle(entry);
      },
    };
  }

  /** From now on requests get this one. */
  put(entry: Entry): void {
    const older = this.#entries.get(entry.ref);
    if (older) this.retire(older);
    this.#entries.set(entry.ref, entry);
  }

  /** No new request gets it. */
  retire(entry: Entry): void {
    if (this.#entries.get(entry.ref) === entry) this.#entries.delete(entry.ref);
    entry.isRetired = true;
    this.#unloadIfIdle(entry);
  }

  #unloadIfIdle(entry: Entry): void {
    if (!entry.isRetired || entry.users > 0) return;
    // A worker that dies over it has nothing left to unload.
    const ignore = (error: unknown) => this.#logger.debug({ model: entry.ref }, describeError(error));
    for (const lane of this.#lanes()) void lane.unload(entry.key).catch(ignore);
    void entry.runner?.stop().catch(ignore);
  }
}
