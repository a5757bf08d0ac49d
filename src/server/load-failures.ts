import { describeError, FramegateError, isFramegateError } from '../lib/errors.ts';
import type { Logger } from '../telemetry/logger.ts';

/** A model that cannot be loaded is tried again, ever more rarely: loading it may be what kills the worker of all others. */
const RETRY = { initialMs: 5_000, maxMs: 600_000 };

interface Failure {
  readonly error: FramegateError;
  readonly attempts: number;
  readonly retryAt: number;
}

/** Which models could not be loaded, and when to try again. Each is logged once per reason. */
export class LoadFailures {
  readonly #logger: Logger;
  readonly #failures = new Map<string, Failure>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  get errors(): ReadonlyMap<string, FramegateError> {
    return new Map([...this.#failures].map(([ref, { error }]) => [ref, error]));
  }

  /** The error of a model that is not to be tried yet. */
  pending(ref: string): FramegateError | undefined {
    const failure = this.#failures.get(ref);
    return failure && Date.now() < failure.retryAt ? failure.error : undefined;
  }

  /** Forgets those of models that `isKept` does not name. */
  prune(isKept: (ref: string) => boolean): void {
    for (const ref of this.#failures.keys()) if (!isKept(ref)) this.#failures.delete(ref);
  }

  clear(ref: string): void {
    this.#failures.delete(ref);
  }

  /** Remembers a failure; returns what clients are told. */
  add(ref: string, cause: unknown): FramegateError {
    const error = isFramegateError(cause)
      ? cause
      : new FramegateError('ERR_MODEL_CORRUPT', `model ${ref} cannot be read: ${describeError(cause)}`, { cause });
    const before = this.#failures.get(ref);
    const attempts = (before?.attempts ?? 0) + 1;
    const wait = Math.min(RETRY.maxMs, RETRY.initialMs * 2 ** (attempts - 1));
    // Looking for a model that is not there harms nobody, and it may be installed any moment.
    const retryAt = Date.now() + (error.code === 'ERR_MODEL_NOT_FOUND' ? 0 : wait);
    this.#failures.set(ref, { error, attempts, retryAt });
    if (before?.error.message !== error.message) this.#logger.error({ model: ref }, describeError(error));
    return error;
  }
}
