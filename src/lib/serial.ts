/** Runs tasks one after another in the order they were given. A task that fails is told to `onError`; the next one runs all the same. */
export class Serial {
  readonly #onError: (error: unknown) => void;
  #tail: Promise<void> = Promise.resolve();

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** Resolves when `task` and all before it are done. */
  run(task: () => Promise<void>): Promise<void> {
    this.#tail = this.#tail.then(task).catch(this.#onError);
    return this.#tail;
  }

  /** Resolves when everything given so far is done. */
  idle(): Promise<void> {
    return this.#tail;
  }
}
