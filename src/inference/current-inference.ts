import { isDeepStrictEqual } from 'node:util';
import { Semaphore } from '../lib/semaphore.ts';
import type { InferenceClient } from './client.ts';
import type { InferenceConfig } from './config.ts';

export interface ActiveInference {
  readonly config: InferenceConfig;
  readonly client: InferenceClient;
  /** One permit per frame that is being asked about, all cameras together; the client says how many there are. */
  readonly permits: Semaphore;
}

/**
 * The inference service that is asked now. Pipelines look it up for each frame, so that a change of model or server takes effect between
 * two frames; what is under way ends on the old one.
 */
export class CurrentInference implements AsyncDisposable {
  readonly #open: (config: InferenceConfig, permits: Semaphore) => InferenceClient;
  /** Kept over changes: whoever waits for a permit keeps the place in the queue. */
  readonly #permits = new Semaphore(1);
  #active: ActiveInference;

  constructor(config: InferenceConfig, open: (config: InferenceConfig, permits: Semaphore) => InferenceClient) {
    this.#open = open;
    this.#active = { config, client: open(config, this.#permits), permits: this.#permits };
  }

  get active(): ActiveInference {
    return this.#active;
  }

  /** Switches to `config`; resolves when the old connections are closed. False when nothing had to change. */
  async use(config: InferenceConfig): Promise<boolean> {
    const { config: old, client, permits } = this.#active;
    if (isDeepStrictEqual(old, config)) return false;
    if (isDeepStrictEqual({ ...old, model: config.model }, config)) {
      this.#active = { config, client, permits };
      return true;
    }
    this.#active = { config, client: this.#open(config, permits), permits };
    await client[Symbol.asyncDispose]();
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#active.client[Symbol.asyncDispose]();
  }
}
