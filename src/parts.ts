import { isDeepStrictEqual } from 'node:util';
import type { Task } from './lib/together.ts';

/** A component that runs on its own settings and is stopped and started anew when they change. */
export interface Part {
  /** Unique, such as `camera:front`. */
  readonly key: string;
  /** Sources stop first, side by side; sinks stop last, so that what the sources still had to say arrives. */
  readonly stage: 'sink' | 'source';
  /** Everything that decides how it runs. */
  readonly settings: unknown;
  readonly run: Task;
  /** Called when it is gone for good, not when it only restarts. */
  readonly onRemoved?: () => void;
}

export interface Changes {
  readonly started: readonly string[];
  readonly restarted: readonly string[];
  readonly stopped: readonly string[];
}

interface Running {
  readonly part: Part;
  readonly stop: () => Promise<void>;
}

/** The running parts, started in the order they are listed. */
export class Parts implements AsyncDisposable {
  #running = new Map<string, Running>();
  readonly #onCrash: (key: string, error: unknown) => void;

  /** @param onCrash told when a part ends by a failure; parts supervise themselves, so that is a fault of the program. */
  constructor(onCrash: (key: string, error: unknown) => void) {
    this.#onCrash = onCrash;
  }

  /** Makes the running parts those of `desired`: stops what is gone or changed, starts what is new or changed, leaves the rest alone. */
  async reconcile(desired: readonly Part[]): Promise<Changes> {
    const wanted = new Map(desired.map((part) => [part.key, part]));
    const removed = [...this.#running.values()].filter(({ part }) => !wanted.has(part.key));
    const changed = [...this.#running.values()].filter(({ part }) => {
      const next = wanted.get(part.key);
      return next && !isDeepStrictEqual(part.settings, next.settings);
    });
    await this.#stop([...removed, ...changed]);
    for (const { part } of removed) part.onRemoved?.();
    const restarted = changed.map(({ part }) => part.key);
    const started: string[] = [];
    const next = new Map<string, Running>();
    for (const part of desired) {
      const kept = this.#running.get(part.key);
      if (!kept) started.push(part.key);
      next.set(part.key, kept ?? this.#start(part));
    }
    this.#running = next;
    return {
      started: started.filter((key) => !restarted.includes(key)),
      restarted,
      stopped: removed.map(({ part }) => part.key),
    };
  }

  #start(part: Part): Running {
    const controller = new AbortController();
    const done = part.run(controller.signal).catch((error: unknown) => this.#onCrash(part.key, error));
    return {
      part,
      stop: async () => {
        controller.abort();
        await done;
      },
    };
  }

  async #stop(stopping: readonly Running[]): Promise<void> {
    for (const stage of ['source', 'sink']) {
      await Promise.all(stopping.filter(({ part }) => part.stage === stage).map(({ stop }) => stop()));
    }
    for (const { part } of stopping) this.#running.delete(part.key);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop([...this.#running.values()]);
  }
}
