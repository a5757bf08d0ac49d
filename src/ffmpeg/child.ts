/**
 * A long-running ffmpeg child process. The only other place that starts ffmpeg is encode.ts, for finite jobs.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { FramegateError } from '../lib/errors.ts';
import { redact } from '../lib/redact.ts';
import type { FfmpegBuild } from './build.ts';

/** Long enough for an RTSP TEARDOWN. */
const TERMINATE_GRACE_MS = 2000;
const ASK_AGAIN_MS = 1000;
const STDERR_LINES = 12;
/** No stream is so broken that it takes this many complaints a second: the program runs in circles. */
const STDERR_FLOOD = 1000;
const STDERR_LINE_LENGTH = 400;

export interface FfmpegExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What it last complained about, oldest first, without secrets. */
  readonly complaints: readonly string[];
}

export class FfmpegChild implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** Complaints so far; each is a line that it wrote to stderr. */
  complained = 0;
  readonly #complaints: string[] = [];
  /** Settles when the process is gone and its output has been read. */
  readonly exited: Promise<FfmpegExit>;

  private constructor(child: ChildProcessByStdio<Writable, Readable, Readable>, secrets: readonly string[]) {
    this.#child = child;
    // A child that died closes its stdin; how it died is told by `exited`.
    child.stdin.on('error', () => undefined);
    let floodAt = performance.now();
    let flood = 0;
    createInterface({ input: child.stderr }).on('line', (line) => {
      const now = performance.now();
      if (now - floodAt > 1000) [floodAt, flood] = [now, 0];
      flood += 1;
      if (flood === STDERR_FLOOD) child.kill('SIGKILL');
      this.complained += 1;
      this.#complaints.push(redact(line.slice(0, STDERR_LINE_LENGTH), secrets));
      if (this.#complaints.length > STDERR_LINES) this.#complaints.shift();
    });
    this.exited = new Promise((resolve) => {
      child.once('close', (code, signal) => resolve({ code, signal, complaints: this.#complaints }));
    });
  }

  /**
   * Starts the program. Arguments show in the process list, so no secret may be among them.
   * @param secrets texts that are blotted out of what it writes to stderr.
   * @throws ERR_FFMPEG_MISSING when it cannot be started.
   */
  static async start(
    build: FfmpegBuild,
    args: readonly string[],
    secrets: readonly string[] = [],
  ): Promise<FfmpegChild> {
    const child = spawn(build.path, ['-hide_banner', '-v', 'error', '-nostdin', ...args], {
      stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
    });
    const ffmpeg = new FfmpegChild(child, secrets);
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (cause) =>
        reject(
          new FramegateError('ERR_FFMPEG_MISSING', `cannot start ${build.path}`, {
            cause,
            hint: 'run framegate doctor',
          }),
        ),
      );
    });
    return ffmpeg;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get stdin(): Writable {
    return this.#child.stdin;
  }

  get stdout(): Readable {
    return this.#child.stdout;
  }

  /** Its descriptor 3: a second output. */
  get secondOutput(): Readable {
    return this.#child.stdio[3] as unknown as Readable;
  }

  /** Its descriptor 4: a third output. */
  get thirdOutput(): Readable {
    return this.#child.stdio[4] as unknown as Readable;
  }

  /**
   * Asks the program to write what is open to its end and to stop; kills it if that takes longer than `graceMs`. Asked once, it waits for the next
   * packet; asked again, it waits for nothing.
   */
  finish(graceMs: number): void {
    if (!this.isRunning) return;
    this.#child.kill('SIGTERM');
    const timers = [
      setTimeout(() => this.#child.kill('SIGTERM'), ASK_AGAIN_MS),
      setTimeout(() => this.#child.kill('SIGKILL'), graceMs),
    ];
    void this.exited.then(() => {
      for (const timer of timers) clearTimeout(timer);
    });
  }

  /** Ends the process: asks first, kills after a grace period, and waits until it is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.destroy();
    this.#child.stdout.destroy();
    this.secondOutput.destroy();
    this.thirdOutput.destroy();
    if (this.isRunning) {
      this.#child.kill('SIGTERM');
      const kill = setTimeout(() => this.#child.kill('SIGKILL'), TERMINATE_GRACE_MS);
      await this.exited;
      clearTimeout(kill);
    }
  }
}
