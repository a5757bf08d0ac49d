import { LinkedAbort, sleep } from '../../lib/abort.ts';
import { Serial } from '../../lib/serial.ts';
import type { AccessUnit } from '../access-unit.ts';
import type { LumaFrame } from '../frame.ts';
import type { Decoder } from './decoder.ts';

/** A keyframe takes 20 ms; a decoder that is silent for this long hangs. */
const TIMEOUT_MS = 2000;
/** Keyframes that may wait: twenty cameras and their next ones. More means that the machine is overloaded. */
const MAX_WAITING = 40;
const FRAME_ONLY = { frame: true, picture: false };

/** Decodes single keyframes of many cameras, one after the other, in one child. */
export class KeyframeDecoder implements AsyncDisposable {
  readonly #start: () => Promise<Decoder>;
  readonly #onHang: () => void;
  readonly #serial = new Serial(() => undefined);
  readonly #closing = new AbortController();
  #decoder: Decoder | undefined;
  #waiting = 0;
  /** Children that died, hung or made nothing of a keyframe. */
  restarts = 0;

  /** @param onHang told when a child that lives gives nothing: what stopped it may have stopped others. */
  constructor(start: () => Promise<Decoder>, onHang: () => void = () => undefined) {
    this.#start = start;
    this.#onHang = onHang;
  }

  get isRunning(): boolean {
    return this.#decoder?.isRunning ?? false;
  }

  /** The frame of a keyframe; undefined when it could not be decoded, in two attempts, or too many wait. */
  async decode(unit: AccessUnit): Promise<LumaFrame | undefined> {
    if (this.#waiting >= MAX_WAITING || this.#closing.signal.aborted) return undefined;
    this.#waiting += 1;
    let frame: LumaFrame | undefined;
    await this.#serial.run(async () => {
      this.#waiting -= 1;
      frame = await this.#attempt(unit);
      // It may have been the child's fault, and not the keyframe's.
      if (!frame) frame = await this.#attempt(unit);
    });
    return frame;
  }

  async #attempt(unit: AccessUnit): Promise<LumaFrame | undefined> {
    if (this.#closing.signal.aborted) return undefined;
    this.#decoder ??= await this.#start();
    const decoder = this.#decoder;
    using deadline = new LinkedAbort(this.#closing.signal);
    let frame: LumaFrame | undefined;
    decoder.serve({
      frame: (decoded) => {
        frame = decoded;
        deadline.abort();
      },
      picture: () => undefined,
      ended: () => deadline.abort(),
    });
    if (decoder.isRunning) decoder.write(unit, FRAME_ONLY);
    await sleep(TIMEOUT_MS, deadline.signal);
    decoder.serve(undefined);
    if (frame || this.#closing.signal.aborted) return frame;
    this.restarts += 1;
    if (decoder.isRunning) this.#onHang();
    this.#decoder = undefined;
    void decoder[Symbol.asyncDispose]();
    return undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#serial.idle();
    await this.#decoder?.[Symbol.asyncDispose]();
  }
}
