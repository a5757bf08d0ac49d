import { isDeepStrictEqual } from 'node:util';
import { Semaphore } from '../lib/semaphore.ts';
import type { InferenceClient } from './client.ts';
import type { InferenceConfig } from './config.ts';

export interface ActiveInference {
  readonly config: InferenceConfig;
  readonly client: InferenceClient;
  /** One permit per request under way, all cameras together. */
  readonly permits: Semaphore;
}

/**
 * The inference service that is asked now. Pipelines look it up for each frame, so that a change of model or server takes effect between
 * two frames; what is under way ends on the old one.
 */
export class CurrentInference implements AsyncDisposable {
  readonly #open: (config: InferenceConfig) => InferenceClient;
  #active: ActiveInference;

  constructor(config: InferenceConfig, open: (config: InferenceConfig) => InferenceClient) {
    this.#open = open;
    this.#active = { config, client: open(config), permits: new Semaphore(config.concurrency) };
  }

  get active(): ActiveInference {
    return this.#active;
  }

  /** Switches to `config`; resolves when the old connections are closed. False when nothing had to change. */
  async use(config: InferenceConfig): Promise<boolean> {
    const { config: old, client, permits } = this.#active;
    if (isDeepStrictEqual(old, config)) return false;
    const onlyModelChanged = isDeepStrictEqual({ ...old, model: config.model }, config);
    this.#active = onlyModelChanged
      ? { config, client, permits }
      : {
          config,
          client: this.#open(config),
          permits: config.concurrency === old.concurrency ? permits : new Semaphore(config.concurrency),
        };
    if (!onlyModelChanged) await client[Symbol.asyncDispose]();
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#active.client[Symbol.asyncDispose]();
  }
}
