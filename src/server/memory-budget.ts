/**
 * What loaded models may take together, and which of them gives way.
 */
import { FramegateError } from '../lib/errors.ts';
import type { Entry } from './entry.ts';

/** A graph is about twice its file once it is in memory. */
const GROWTH = 2;

export interface MemoryBudgetOptions {
  /** In bytes. */
  readonly budget: number;
  /** Each holds each model. */
  readonly workers: number;
  readonly entries: () => Iterable<Entry>;
  /** Unloads one, which is idle. */
  readonly evict: (entry: Entry) => void;
}

export class MemoryBudget {
  readonly #options: MemoryBudgetOptions;

  constructor(options: MemoryBudgetOptions) {
    this.#options = options;
  }

  /** True when a model with a file of this many bytes fits without another giving way. */
  hasRoom(fileBytes: number): boolean {
    return this.#used() + this.#atLeast(fileBytes) * GROWTH <= this.#options.budget;
  }

  /** Unloads what is idle until the model fits. Throws ERR_MODEL_TOO_LARGE, or ERR_INFERENCE_UNAVAILABLE when the others are busy. */
  makeRoom(fileBytes: number, ref: string): void {
    if (this.#atLeast(fileBytes) > this.#options.budget) throw tooLarge(ref);
    while (!this.hasRoom(fileBytes) && this.#evictOldest());
    if (this.#used() === 0 || this.#used() + this.#atLeast(fileBytes) <= this.#options.budget) return;
    throw new FramegateError('ERR_INFERENCE_UNAVAILABLE', `there is no memory for model ${ref} while others answer`, {
      hint: 'try again in a second, or raise serve.memory',
    });
  }

  /** Now that it is known what a model takes; false when that is more than all may take. */
  settle(entry: Entry): boolean {
    while (this.#used() > this.#options.budget && this.#evictOldest(entry));
    return entry.memory <= this.#options.budget;
  }

  #atLeast(fileBytes: number): number {
    return fileBytes * this.#options.workers;
  }

  #used(): number {
    return [...this.#options.entries()].reduce((sum, { memory }) => sum + memory, 0);
  }

  #evictOldest(keep?: Entry): boolean {
    const idle = [...this.#options.entries()].filter(
      (entry) => entry !== keep && entry.users === 0 && entry.memory > 0,
    );
    const [victim] = idle.sort((a, b) => a.lastUsed - b.lastUsed);
    if (victim) this.#options.evict(victim);
    return victim !== undefined;
  }
}

export function tooLarge(ref: string): FramegateError {
  return new FramegateError('ERR_MODEL_TOO_LARGE', `model ${ref} does not fit into the memory for models`, {
    hint: 'raise serve.memory, or lower serve.workers',
    retryable: false,
  });
}
