import { LinkedAbort, sleep } from '../../lib/abort.ts';
import { Serial } from '../../lib/serial.ts';
import type { AccessUnit } from '../access-unit.ts';
import type { LumaFrame } from '../frame.ts';
import type { Decoder } from './decoder.ts';

/** A keyframe takes 20 ms; a decoder that is silent for this long hangs. */
const TIMEOUT_MS = 2000;
/** Keyframes that may wait: twenty cameras and their next ones. More means that the machine is overloaded. */
const MAX_WAITING = 40;

/** Decodes single keyframes of many cameras, one after the other, in one child. */
export class KeyframeDecoder implements AsyncDisposable {
  readonly #start: () => Promise<Decoder>;
  readonly #serial = new Serial(() => undefined);
  readonly #closing = new AbortController();
  #running:
    | {
        readonly decoder: Decoder;
        readonly frames: AsyncGenerator<LumaFrame, void, undefined>;
        readonly link: LinkedAbort;
      }
    | undefined;
  #waiting = 0;
  restarts = 0;

  constructor(start: () => Promise<Decoder>) {
    this.#start = start;
  }

  /** The frame of a keyframe; undefined when it could not be decoded or too many wait. */
  async decode(unit: AccessUnit): Promise<LumaFrame | undefined> {
    if (this.#waiting >= MAX_WAITING || this.#closing.signal.aborted) return undefined;
    this.#waiting += 1;
    let frame: LumaFrame | undefined;
    await this.#serial.run(async () => {
      this.#waiting -= 1;
      try {
        frame = await this.#decode(unit);
      } finally {
        if (!frame) await this.#stop();
      }
    });
    return frame;
  }

  async #decode(unit: AccessUnit): Promise<LumaFrame | undefined> {
    if (this.#closing.signal.aborted) return undefined;
    if (!this.#running) {
      const decoder = await this.#start();
      const link = new LinkedAbort(this.#closing.signal);
      this.#running = { decoder, link, frames: decoder.frames(link.signal) };
    }
    const { decoder, frames } = this.#running;
    // Each keyframe may be of another camera.
    decoder.forget();
    decoder.write(unit, true);
    using deadline = new LinkedAbort(this.#closing.signal);
    const next = await Promise.race([frames.next(), sleep(TIMEOUT_MS, deadline.signal)]);
    deadline.abort();
    return next && !next.done ? next.value : undefined;
  }

  async #stop(): Promise<void> {
    const running = this.#running;
    if (!running) return;
    this.#running = undefined;
    if (!this.#closing.signal.aborted) this.restarts += 1;
    running.link.abort();
    running.link[Symbol.dispose]();
    await running.decoder[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#serial.idle();
    await this.#stop();
  }
}
