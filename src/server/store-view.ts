import { describeError } from '../lib/errors.ts';
import type { InstalledModel } from '../models/installed.ts';
import type { ModelStore } from '../models/store.ts';
import type { Logger } from '../telemetry/logger.ts';

/** What is installed, by reference; a broken model has no manifest. */
export type Installed = ReadonlyMap<string, Partial<InstalledModel>>;

/** The store as the server looks at it again and again: a fault is logged when it begins. */
export class StoreView {
  readonly #store: ModelStore;
  readonly #logger: Logger;
  #error: string | undefined;

  constructor(store: ModelStore, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
  }

  /** Undefined when the store cannot be read, which is no reason to drop what was loaded from it. */
  async list(): Promise<Installed | undefined> {
    try {
      const { models, broken } = await this.#store.list();
      this.#error = undefined;
      return new Map([...models, ...broken].map((model) => [model.ref, model]));
    } catch (error) {
      const message = describeError(error);
      if (message !== this.#error) this.#logger.error({ store: this.#store.directory }, message);
      this.#error = message;
      return undefined;
    }
  }
}
