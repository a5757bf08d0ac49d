import { type ChildProcess, fork } from 'node:child_process';
import { aborted } from '../lib/abort.ts';
import { FramegateError } from '../lib/errors.ts';
import { PendingCalls } from '../lib/pending-calls.ts';
import { fromWire } from './wire-error.ts';
import type { WorkerAnswer, WorkerMessage, WorkerRequest, WorkerResults } from './worker-protocol.ts';

/** Start and load may read from a slow card on a busy board, this many times the deadline of a picture. */
const LOAD_PATIENCE = 4;
/** In characters: enough for the message of a native library and a stack trace behind it. */
const LAST_WORDS = 4000;
/** The line of an uncaught error of Node or C++. */
const TELLING_LINE = /^(\w*Error\b.*|.*what\(\):.*|terminate called.*|.*out of memory.*)$/im;

/** One life of the worker process. Calls fail with ERR_WORKER_FAILED when it dies or when it does not answer in time. */
export class ModelWorker {
  readonly #file: URL;
  readonly #deadlineMs: number;
  readonly #calls = new PendingCalls<unknown>();
  #child: ChildProcess | undefined;
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
    this.#calls.rejectAll(failure);
    await ended;
    if (!signal.aborted) throw failure;
  }

  /** Resolves when the process is up. */
  async hello(): Promise<void> {
    await this.ask({ kind: 'hello' });
  }

  /** Sends a request and waits for its answer. Throws what the worker threw, or ERR_WORKER_FAILED. */
  async ask<R extends WorkerRequest>(request: R): Promise<WorkerResults[R['kind']]> {
    const child = this.#child;
    if (!child?.connected) throw this.#failure('not running');
    const deadlineMs = this.#deadlineMs * patienceWith(request);
    const { id, answer } = this.#calls.open(deadlineMs, () => {
      this.#hungAfterMs = deadlineMs;
      child.kill('SIGKILL');
    });
    const message: WorkerMessage = { id, request };
    // A channel that is already broken ends the process, which fails the call.
    child.send(message, () => undefined);
    // The worker answers each kind of request with its kind of result.
    return answer as Promise<WorkerResults[R['kind']]>;
  }

  #settle({ id, result, error, memory }: WorkerAnswer): void {
    this.#memory = memory;
    if (error) this.#calls.reject(id, fromWire(error));
    else this.#calls.resolve(id, result);
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
