/**
 * One life of a runner: its process, its socket, its answers. Restarting it is not done here.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aborted, LinkedAbort, sleep } from '../../lib/abort.ts';
import { FramegateError } from '../../lib/errors.ts';
import { PendingCalls } from '../../lib/pending-calls.ts';
import { together } from '../../lib/together.ts';
import type { InstalledModel } from '../../models/installed.ts';
import { encodeMessage, HeaderReader } from './framing.ts';
import {
  type FromRunner,
  fromRunner,
  RUNNER_PROTOCOL,
  type RunnerBox,
  type RunnerReady,
  SOCKET_VARIABLE,
  type ToRunner,
} from './messages.ts';

/** For the end after each way of asking for it. */
const GRACE_MS = 2_000;
/** In characters, of what it last said on stderr. */
const LAST_WORDS = 2_000;

export interface RunnerDeadlines {
  /** From the start of the process to `ready`: hardware may have to be booted. */
  readonly readyMs: number;
  /** For a frame or a question about health. */
  readonly answerMs: number;
  /** Between two questions about health. */
  readonly healthMs: number;
}

type Answer = Extract<FromRunner, { readonly id?: number | undefined }>;

export class RunnerProcess {
  readonly #command: readonly string[];
  readonly #model: InstalledModel;
  readonly #deadlines: RunnerDeadlines;
  readonly #calls = new PendingCalls<Answer>();
  #socket: Socket | undefined;
  #lastWords = '';
  #isReady = false;
  #hadToBeKilled = false;

  constructor(command: readonly string[], model: InstalledModel, deadlines: RunnerDeadlines) {
    this.#command = command;
    this.#model = model;
    this.#deadlines = deadlines;
  }

  /** True if it ended neither with its connection nor at SIGTERM. */
  get hadToBeKilled(): boolean {
    return this.#hadToBeKilled;
  }

  /** Runs it until `signal` aborts; `onReady` is told once. Throws ERR_WORKER_FAILED when it ends, hangs or breaks the protocol. */
  async run(signal: AbortSignal, onReady: (ready: RunnerReady) => void): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'framegate-runner-'));
    const path = join(folder, 'socket');
    const server = createServer({ pauseOnConnect: true });
    try {
      await new Promise<void>((resolve) => server.listen(path, resolve));
      const [program, ...args] = this.#command as [string, ...string[]];
      const child = spawn(program, args, {
        env: { ...process.env, [SOCKET_VARIABLE]: path },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        this.#lastWords = (this.#lastWords + text).slice(-LAST_WORDS);
      });
      await together(
        signal,
        (life) => this.#watch(child, life),
        (life) => this.#talk(server, life, onReady),
      );
    } finally {
      server.close();
      this.#socket?.destroy();
      this.#socket = undefined;
      this.#calls.rejectAll(this.#failure('ended'));
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Boxes for the pixels of one frame. Throws ERR_WORKER_FAILED, or ERR_IMAGE_INVALID when the runner refuses this frame. */
  async detect(pixels: Uint8Array): Promise<readonly RunnerBox[]> {
    const answer = await this.#ask('frame', pixels);
    if (answer.type === 'boxes') return answer.boxes;
    throw this.#failure(`answered a frame with "${answer.type}"`);
  }

  async checkHealth(): Promise<void> {
    const answer = await this.#ask('health');
    if (answer.type !== 'health') throw this.#failure(`answered the question about health with "${answer.type}"`);
    if (!answer.ok) throw this.#failure(`is not well: ${answer.message}`);
  }

  async #watch(child: ChildProcess, signal: AbortSignal): Promise<void> {
    const ended = new Promise<string>((resolve) => {
      child.on('error', (error) => resolve(error.message));
      child.on('close', (code, signalName) => resolve(signalName ?? `exit code ${code}`));
    });
    const how = await Promise.race([ended, aborted(signal)]);
    if (how !== undefined && !signal.aborted) throw this.#failure(`ended (${how})`);
    // The end of the connection tells it to stop; signals are for those who do not listen.
    this.#socket?.end();
    if (this.#socket && (await this.#within(ended))) return;
    child.kill('SIGTERM');
    if (await this.#within(ended)) return;
    this.#hadToBeKilled = true;
    child.kill('SIGKILL');
    await ended;
  }

  async #within(ended: Promise<unknown>): Promise<boolean> {
    using wait = new LinkedAbort(undefined, GRACE_MS);
    return await Promise.race([ended.then(() => true), aborted(wait.signal).then(() => false)]);
  }

  async #talk(server: Server, signal: AbortSignal, onReady: (ready: RunnerReady) => void): Promise<void> {
    const { readyMs, healthMs } = this.#deadlines;
    const deadline = this.#after(readyMs, signal, `was not ready within ${readyMs / 1000} s`);
    const connected = new Promise<Socket>((resolve) => server.once('connection', resolve));
    const socket = await Promise.race([connected, deadline]);
    if (!socket) return;
    this.#socket = socket;
    const broken = new Promise<never>((_, reject) => {
      const headers = new HeaderReader();
      socket.on('data', (chunk) => {
        try {
          for (const header of headers.read(chunk)) this.#receive(fromRunner.parse(header), settleReady);
        } catch (error) {
          reject(isOurs(error) ? error : this.#failure('sent a message that the protocol does not know'));
        }
      });
      socket.on('error', () => reject(this.#failure('broke the connection')));
      socket.on('end', () => reject(this.#failure('closed the connection')));
    });
    let settleReady: (ready: RunnerReady | FramegateError) => void = () => undefined;
    const ready = new Promise<RunnerReady>((resolve, reject) => {
      settleReady = (outcome) => (outcome instanceof FramegateError ? reject(outcome) : resolve(outcome));
    });
    const { ref: model, file, manifest } = this.#model;
    const { labels, input, options = {} } = manifest;
    this.#send({ type: 'hello', protocol: RUNNER_PROTOCOL, model, file, labels, input, options });
    socket.resume();
    const answer = await Promise.race([ready, broken, deadline]);
    if (!answer) return;
    onReady(answer);
    await Promise.race([this.#askForHealth(healthMs, signal), broken]);
  }

  async #askForHealth(everyMs: number, signal: AbortSignal): Promise<void> {
    for (;;) {
      await sleep(everyMs, signal);
      if (signal.aborted) return;
      await this.checkHealth();
    }
  }

  /** Throws when the time is over; resolves when `signal` aborts first. */
  async #after(ms: number, signal: AbortSignal, what: string): Promise<undefined> {
    await sleep(ms, signal);
    if (!signal.aborted && !this.#isReady) throw this.#failure(what);
    return undefined;
  }

  #receive(message: FromRunner, settleReady: (ready: RunnerReady | FramegateError) => void): void {
    if (message.type === 'ready') {
      this.#isReady = true;
      settleReady(message);
      return;
    }
    if (message.id === undefined) {
      const failure = this.#failure(`cannot work: ${message.type === 'error' ? message.message : message.type}`);
      settleReady(failure);
      if (this.#isReady) throw failure;
      return;
    }
    if (message.type !== 'error') {
      this.#calls.resolve(message.id, message);
      return;
    }
    const refusal = `the runner refuses the frame: ${message.message}`;
    this.#calls.reject(message.id, new FramegateError('ERR_IMAGE_INVALID', refusal, { retryable: false }));
  }

  async #ask(type: 'frame' | 'health', payload?: Uint8Array): Promise<Answer> {
    if (!this.#socket?.writable) throw this.#failure('is not running');
    const { answerMs } = this.#deadlines;
    const { id, answer } = this.#calls.open(answerMs, (late) => {
      this.#calls.reject(late, this.#failure(`did not answer within ${answerMs / 1000} s`));
      this.#socket?.destroy(this.#failure('hangs'));
    });
    this.#send({ type, id }, payload);
    return answer;
  }

  #send(message: ToRunner, payload?: Uint8Array): void {
    const socket = this.#socket;
    socket?.cork();
    for (const part of encodeMessage(message, payload)) socket?.write(part);
    socket?.uncork();
  }

  #failure(what: string): FramegateError {
    const words = this.#lastWords.trim().split('\n').at(-1)?.trim();
    const saying = words ? `, saying "${words}"` : '';
    return new FramegateError('ERR_WORKER_FAILED', `the runner of ${this.#model.ref} ${what}${saying}`, {
      hint: `check it with "framegate model check-runner --model ${this.#model.ref}"`,
    });
  }
}

const isOurs = (error: unknown) => error instanceof FramegateError;
