interface Call<T> {
  resolve(answer: T): void;
  reject(error: unknown): void;
  readonly deadline: NodeJS.Timeout;
}

/** Questions that were put to another process and are not answered yet, by a number that the answer repeats. */
export class PendingCalls<T> {
  readonly #calls = new Map<number, Call<T>>();
  #lastId = 0;

  /** A new call; `late` is told when it is not settled within `ms`, and settles it. */
  open(ms: number, late: (id: number) => void): { readonly id: number; readonly answer: Promise<T> } {
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = new Promise<T>((resolve, reject) => {
      this.#calls.set(id, { resolve, reject, deadline: setTimeout(() => late(id), ms) });
    });
    return { id, answer };
  }

  /** Nothing happens for a call that was settled before. */
  resolve(id: number, answer: T): void {
    this.#take(id)?.resolve(answer);
  }

  reject(id: number, error: unknown): void {
    this.#take(id)?.reject(error);
  }

  rejectAll(error: unknown): void {
    for (const id of this.#calls.keys()) this.reject(id, error);
  }

  #take(id: number): Call<T> | undefined {
    const call = this.#calls.get(id);
    clearTimeout(call?.deadline);
    this.#calls.delete(id);
    return call;
  }
}
