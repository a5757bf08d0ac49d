import { type ChildProcess, fork } from 'node:child_process';
import { aborted } from '../lib/abort.ts';
import { FramegateError } from '../lib/errors.ts';
import { fromWire } from './wire-error.ts';
import type { WorkerAnswer, WorkerMessage, WorkerRequest, WorkerResults } from './worker-protocol.ts';

/** Start and load may read from a slow card on a busy board, this many times the deadline of a picture. */
const LOAD_PATIENCE = 4;
/** In characters: enough for the message of a native library and a stack trace behind it. */
const LAST_WORDS = 4000;
/** The line of an uncaught error of Node or C++. */
const TELLING_LINE = /^(\w*Error\b.*|.*what\(\):.*|terminate called.*|.*out of memory.*)$/im;

interface Call {
  resolve(result: unknown): void;
  reject(error: unknown): void;
  readonly deadline: NodeJS.Timeout;
}

/** One life of the worker process. Calls fail with ERR_WORKER_FAILED when it dies or when it does not answer in time. */
export class ModelWorker {
  readonly #file: URL;
  readonly #deadlineMs: number;
  readonly #calls = new Map<number, Call>();
  #child: ChildProcess | undefined;
  #lastId = 0;
  #lastWords = '';
  #hungAfterMs: number | undefined;
  #memory = 0;

  /** `deadlineMs`: a picture that takes longer means that the process hangs; it is killed. */
  constructor(file: URL, deadlineMs: number) {
    this.#file = file;
    this.#deadlineMs = deadlineMs;
  }

  /** Resident set at the last answer, in bytes; 0 before. */
  get memory(): number {
    return this.#memory;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts the process at once, so that calls may follow; ends it when `signal` aborts; throws ERR_WORKER_FAILED when it ends by itself. */
  async run(signal: AbortSignal): Promise<void> {
    const child = fork(this.#file, {
      serialization: 'advanced',
      execArgv: [],
      // A session of its own: Ctrl-C in a terminal must reach the server only, which lets requests under way finish.
      detached: true,
      // Builds of ONNX Runtime send usage data to their maker unless told not to; pictures of a site are nobody else’s business.
      env: { ...process.env, ORT_DISABLE_TELEMETRY: '1' },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child = child;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-LAST_WORDS);
    });
    child.on('message', (answer) => this.#settle(answer as WorkerAnswer));
    const ended = new Promise<string>((resolve) => {
      child.on('error', (error) => resolve(error.message));
      child.on('close', (code, signalName) => resolve(signalName ?? `exit code ${code}`));
    });
    const how = await Promise.race([ended, aborted(signal)]);
    child.kill('SIGKILL');
    const failure = this.#failure(how ?? 'stopped');
    this.#child = undefined;
    for (const [id, call] of this.#calls) this.#take(id, call)?.reject(failure);
    await ended;
    if (!signal.aborted) throw failure;
  }

  /** Resolves when the process is up. */
  async hello(): Promise<void> {
    await this.ask({ kind: 'hello' });
  }

  /** Sends a request and waits for its answer. Throws what the worker threw, or ERR_WORKER_FAILED. */
  ask<R extends WorkerRequest>(request: R): Promise<WorkerResults[R['kind']]> {
    const deadlineMs = this.#deadlineMs * patienceWith(request);
    return new Promise((resolve, reject) => {
      const child = this.#child;
      if (!child?.connected) {
        reject(this.#failure('not running'));
        return;
      }
      this.#lastId += 1;
      const id = this.#lastId;
      const deadline = setTimeout(() => {
        this.#hungAfterMs = deadlineMs;
        child.kill('SIGKILL');
      }, deadlineMs);
      // The worker answers each kind of request with its kind of result.
      const settle = (result: unknown) => resolve(result as WorkerResults[R['kind']]);
      this.#calls.set(id, { resolve: settle, reject, deadline });
      const message: WorkerMessage = { id, request };
      // A channel that is already broken ends the process, which fails the call.
      child.send(message, () => undefined);
    });
  }

  #settle({ id, result, error, memory }: WorkerAnswer): void {
    this.#memory = memory;
    const call = this.#take(id, this.#calls.get(id));
    if (error) call?.reject(fromWire(error));
    else call?.resolve(result);
  }

  #take(id: number, call: Call | undefined): Call | undefined {
    clearTimeout(call?.deadline);
    this.#calls.delete(id);
    return call;
  }

  #failure(how: string): FramegateError {
    const hung = this.#hungAfterMs && `did not answer within ${this.#hungAfterMs / 1000} s and was killed`;
    const what = hung ?? `ended (${how})`;
    const words = TELLING_LINE.exec(this.#lastWords)?.[0].trim();
    return new FramegateError('ERR_WORKER_FAILED', `the model worker ${what}${words ? `, saying "${words}"` : ''}`, {
      hint: 'it is started again; if this repeats, see whether memory is short or one model is at fault',
    });
  }
}

function patienceWith(request: WorkerRequest): number {
  if (request.kind === 'detect') return request.pictures.length;
  return request.kind === 'hello' || request.kind === 'load' ? LOAD_PATIENCE : 1;
}
