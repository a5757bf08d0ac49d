import type { FfmpegBuild } from '../../ffmpeg/build.ts';
import type { AccessUnit } from '../access-unit.ts';
import type { LumaFrame } from '../frame.ts';
import { Decoder, type LumaSize } from './decoder.ts';
import { KeyframeDecoder } from './keyframe-decoder.ts';

/** Decoders that are started before they are needed, so that a wake need not wait for a process. */
const MAX_SPARES = 2;

/** All decoders of the gateway: one for the keyframes of all idle cameras of a kind, one per camera that is awake, and a spare or two. */
export class DecoderPool implements AsyncDisposable {
  readonly #findFfmpeg: () => Promise<FfmpegBuild>;
  readonly #keyframes = new Map<string, KeyframeDecoder>();
  readonly #spares: Decoder[] = [];
  readonly #starting = new Set<Promise<void>>();
  #closed = false;

  constructor(findFfmpeg: () => Promise<FfmpegBuild>) {
    this.#findFfmpeg = findFfmpeg;
  }

  /** The small frame of one keyframe; undefined when it could not be decoded. */
  keyframe(unit: AccessUnit, size: LumaSize): Promise<LumaFrame | undefined> {
    const key = kind(unit.stream.fourcc, size);
    const decoder = this.#keyframes.get(key) ?? new KeyframeDecoder(() => this.#start(unit.stream.fourcc, size));
    this.#keyframes.set(key, decoder);
    return decoder.decode(unit);
  }

  /** A decoder for one camera; the caller disposes it. Another one gets ready for the next. */
  async acquire(fourcc: string, size: LumaSize): Promise<Decoder> {
    const index = this.#spares.findIndex(
      (spare) => spare.isRunning && kind(spare.fourcc, spare.size) === kind(fourcc, size),
    );
    const [spare] = index >= 0 ? this.#spares.splice(index, 1) : [];
    const decoder = spare ?? (await this.#start(fourcc, size));
    this.#prepare(fourcc, size);
    return decoder;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#starting);
    await Promise.all([...this.#spares, ...this.#keyframes.values()].map((decoder) => decoder[Symbol.asyncDispose]()));
  }

  #prepare(fourcc: string, size: LumaSize): void {
    if (this.#closed || this.#starting.size > 0) return;
    const starting = this.#start(fourcc, size)
      .then(async (decoder) => {
        this.#spares.push(decoder);
        if (this.#spares.length > MAX_SPARES) await this.#spares.shift()?.[Symbol.asyncDispose]();
      })
      // The next wake will start one itself, and tell what is wrong.
      .catch(() => undefined)
      .finally(() => this.#starting.delete(starting));
    this.#starting.add(starting);
  }

  async #start(fourcc: string, size: LumaSize): Promise<Decoder> {
    return Decoder.start(await this.#findFfmpeg(), fourcc, size);
  }
}

const kind = (fourcc: string, { width, height }: LumaSize) => `${fourcc} ${width}x${height}`;
