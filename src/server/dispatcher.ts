/**
 * Which worker does what, and when: one bounded queue before all workers, first come first served among those that a free worker can do.
 * Pictures that wait for the same model are run together where the model takes batches. A full queue refuses the newcomer, because those
 * who wait are closer to their answer.
 */
import type { Drop } from './drops.ts';
import type { Lane } from './lane.ts';
import type { RequestWait } from './request-wait.ts';
import { fromWire } from './wire-error.ts';
import type {
  DrawRequest,
  InferRequest,
  PictureAnswer,
  PictureJob,
  PrepareRequest,
  WorkerResults,
} from './worker-protocol.ts';

/** One picture is decoded while another runs through its model. */
const PER_WORKER = 2;

export interface DetectWork extends PictureJob {
  readonly kind: 'detect';
  readonly key: string;
  /** How many pictures one run of the model may take. */
  readonly maxBatch: number;
}

export type Work = DetectWork | InferRequest | PrepareRequest | DrawRequest;

type ResultOf<W extends Work> = W extends DetectWork ? PictureAnswer : WorkerResults[W['kind']];

interface Job {
  readonly work: Work;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

export class Dispatcher {
  readonly #bound: number;
  readonly #drop: Drop;
  readonly #onBatch: (pictures: number) => void;
  readonly #lanes = new Set<Lane>();
  #waiting: Job[] = [];
  /** Requests that wait for a model to load are in no queue yet, and count all the same. */
  #loading = 0;

  /** `onBatch` is told how many pictures go to a worker at once. */
  constructor(bound: number, drop: Drop, onBatch: (pictures: number) => void) {
    this.#bound = bound;
    this.#drop = drop;
    this.#onBatch = onBatch;
  }

  get length(): number {
    return this.#waiting.length + this.#loading;
  }

  /** The workers that take work. */
  get lanes(): ReadonlySet<Lane> {
    return this.#lanes;
  }

  add(lane: Lane): void {
    this.#lanes.add(lane);
    this.#place();
  }

  /** After the last one, nobody is left to wait for. */
  remove(lane: Lane): void {
    this.#lanes.delete(lane);
    if (this.#lanes.size > 0) return;
    for (const job of this.#waiting.splice(0)) job.reject(this.#drop('worker_down'));
  }

  /** Waits for a model as one waits in the queue: within the bound, and no longer than `wait` allows. */
  async whileLoading<T>(load: () => Promise<T>, wait: RequestWait): Promise<T> {
    if (this.#lanes.size === 0) throw this.#drop('worker_down');
    if (this.length >= this.#bound) throw this.#drop('queue_full');
    this.#loading += 1;
    try {
      return await this.#within(wait, load());
    } finally {
      this.#loading -= 1;
    }
  }

  /** Throws ERR_INFERENCE_* or ERR_TIMEOUT when it is not begun, and what the worker threw. */
  submit<W extends Work>(work: W, wait: RequestWait): Promise<ResultOf<W>> {
    if (this.#lanes.size === 0) return Promise.reject(this.#drop('worker_down'));
    return new Promise<ResultOf<W>>((resolve, reject) => {
      const leave = () => {
        const index = this.#waiting.indexOf(job);
        if (index < 0) return;
        this.#waiting.splice(index, 1);
        reject(this.#drop(wait.reason));
      };
      const settled = () => wait.signal.removeEventListener('abort', leave);
      const job: Job = {
        work,
        resolve: (result) => {
          settled();
          resolve(result as ResultOf<W>);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      };
      if (wait.signal.aborted) {
        reject(this.#drop(wait.reason));
        return;
      }
      wait.signal.addEventListener('abort', leave, { once: true });
      this.#waiting.push(job);
      this.#place();
      // Whoever could not be placed at once waits, if there is room.
      if (this.length > this.#bound && this.#waiting.at(-1) === job) {
        this.#waiting.pop();
        job.reject(this.#drop('queue_full'));
      }
    });
  }

  async #within<T>(wait: RequestWait, work: Promise<T>): Promise<T> {
    let leave: () => void = () => undefined;
    const given = new Promise<never>((_, reject) => {
      leave = () => reject(this.#drop(wait.reason));
    });
    if (wait.signal.aborted) leave();
    wait.signal.addEventListener('abort', leave, { once: true });
    try {
      return await Promise.race([work, given]);
    } finally {
      wait.signal.removeEventListener('abort', leave);
    }
  }

  /** Gives out what can be given out. */
  #place(): void {
    for (let at = 0; at < this.#waiting.length; ) {
      const first = this.#waiting[at] as Job;
      const lane = this.#laneFor(first.work);
      if (!lane) {
        at += 1;
        continue;
      }
      const batch = this.#takeBatch(first);
      lane.running += 1;
      void this.#run(lane, batch).finally(() => {
        lane.running -= 1;
        this.#place();
      });
    }
  }

  /** The least busy worker that can do it. */
  #laneFor(work: Work): Lane | undefined {
    let best: Lane | undefined;
    for (const lane of this.#lanes) {
      if (!lane.isAlive || lane.running >= PER_WORKER || ('key' in work && !lane.holds(work.key))) continue;
      if (!best || lane.running < best.running) best = lane;
    }
    return best;
  }

  /** With `first`, those that may run with it: its share, so that workers that come free soon get theirs. */
  #takeBatch(first: Job): Job[] {
    const { work } = first;
    const together = work.kind !== 'detect' ? [first] : this.#waiting.filter((job) => isSameModel(job.work, work));
    const share = work.kind !== 'detect' ? 1 : Math.ceil(together.length / this.#lanes.size);
    const batch = together.slice(0, work.kind === 'detect' ? Math.min(work.maxBatch, share) : 1);
    this.#waiting = this.#waiting.filter((job) => !batch.includes(job));
    return batch;
  }

  async #run({ worker }: Lane, batch: readonly Job[]): Promise<void> {
    const [first] = batch as [Job];
    try {
      if (first.work.kind !== 'detect') {
        first.resolve(await worker.ask(first.work));
        return;
      }
      const pictures = batch.map(({ work }) => work as DetectWork).map(({ image, options }) => ({ image, options }));
      this.#onBatch(pictures.length);
      const outcomes = await worker.ask({ kind: 'detect', key: first.work.key, pictures });
      batch.forEach((job, index) => {
        const outcome = outcomes[index];
        if (outcome && 'picture' in outcome) job.resolve(outcome.picture);
        else if (outcome) job.reject(fromWire(outcome.error));
      });
    } catch (error) {
      for (const job of batch) job.reject(error);
    }
  }
}

function isSameModel(other: Work, { key }: DetectWork): boolean {
  return other.kind === 'detect' && other.key === key;
}
