import { decodeArguments } from '../../ffmpeg/arguments.ts';
import type { FfmpegBuild } from '../../ffmpeg/build.ts';
import { FfmpegChild } from '../../ffmpeg/child.ts';
import type { NutStream } from '../../ffmpeg/nut.ts';
import { NutReader } from '../../ffmpeg/nut-reader.ts';
import { FramegateError } from '../../lib/errors.ts';
import type { AccessUnit } from '../access-unit.ts';
import type { LumaFrame } from '../frame.ts';
import { countedHeader, countedPacket, countOf } from './count.ts';

/** Size in pixels of the frames that come out. */
export interface LumaSize {
  readonly width: number;
  readonly height: number;
}

export interface DecodedFrame extends LumaFrame {
  readonly unit: AccessUnit;
}

/** Compressed bytes that may wait for a busy decoder: about a second of a 4K stream. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
/**
 * An ffmpeg child that decodes access units to small gray frames; those that are not wanted cost no scaling. One child can serve one
 * camera after another, as long as each begins with a keyframe.
 */
export class Decoder implements AsyncDisposable {
  readonly #ffmpeg: FfmpegChild;
  readonly size: LumaSize;
  readonly fourcc: string;
  #begun = false;
  #count = 0;
  /** What is wanted and has not come out, by count. */
  readonly #wanted = new Map<number, AccessUnit>();
  #stream: NutStream | undefined;

  private constructor(ffmpeg: FfmpegChild, fourcc: string, size: LumaSize) {
    this.#ffmpeg = ffmpeg;
    this.fourcc = fourcc;
    this.size = size;
  }

  /** Starts the child; it waits for its first access unit without any load. */
  static async start(build: FfmpegBuild, fourcc: string, size: LumaSize): Promise<Decoder> {
    return new Decoder(await FfmpegChild.start(build, decodeArguments(build, size)), fourcc, size);
  }

  get isRunning(): boolean {
    return this.#ffmpeg.isRunning;
  }

  /** Wanted frames that have not come out yet. */
  get pending(): number {
    return this.#wanted.size;
  }

  /** True when it is so far behind that what is written now would only wait. */
  get isBusy(): boolean {
    return this.#ffmpeg.stdin.writableLength > MAX_WAITING_BYTES;
  }

  /** Decodes one access unit; its frame comes out of `frames` if it is `wanted`. The first one of a camera must be a keyframe. */
  write(unit: AccessUnit, wanted: boolean): void {
    const { stdin } = this.#ffmpeg;
    if (!this.#begun) stdin.write(countedHeader(unit.stream));
    this.#begun = true;
    this.#count += 1;
    if (wanted) this.#wanted.set(this.#count, unit);
    const isNewStream = unit.stream !== this.#stream;
    this.#stream = unit.stream;
    const data = isNewStream && unit.key ? withParameterSets(unit) : unit.data;
    for (const part of countedPacket(unit, this.#count, wanted, data)) stdin.write(part);
  }

  /** Gives up what is under way: nothing more of what was written so far comes out. */
  forget(): void {
    this.#wanted.clear();
    this.#stream = undefined;
  }

  /** The wanted frames, in order. Ends when `signal` aborts; throws ERR_FFMPEG_EXITED when the child dies. */
  async *frames(signal: AbortSignal): AsyncGenerator<DecodedFrame, void, undefined> {
    const { width, height } = this.size;
    const reader = new NutReader();
    const stop = () => this.#ffmpeg.stdout.destroy();
    signal.addEventListener('abort', stop, { once: true });
    try {
      if (signal.aborted) return;
      for await (const chunk of this.#ffmpeg.stdout as AsyncIterable<Buffer>) {
        for (const { pts, data } of reader.push(chunk)) {
          const unit = reader.stream && this.#take(countOf(pts, reader.stream.timeBase));
          if (unit && data.length === width * height) yield { unit, at: unit.at, time: unit.time, width, height, data };
        }
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      signal.removeEventListener('abort', stop);
    }
    if (signal.aborted) return;
    const { code, signal: by, complaints } = await this.#ffmpeg.exited;
    const last = complaints.at(-1);
    throw new FramegateError(
      'ERR_FFMPEG_EXITED',
      `the decoder ended (${by ?? `code ${code}`})${last ? ` ${last}` : ''}`,
    );
  }

  /** What came before it and did not come out was damaged. */
  #take(count: number): AccessUnit | undefined {
    const unit = this.#wanted.get(count);
    for (const earlier of this.#wanted.keys()) {
      if (earlier > count) break;
      this.#wanted.delete(earlier);
    }
    return unit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ffmpeg[Symbol.asyncDispose]();
  }
}

/** A decoder that had another camera before needs this one's parameter sets, which may have come only with the session's description. */
function withParameterSets({ stream: { extradata }, data }: AccessUnit): Buffer {
  const isAnnexB = extradata.length > 4 && extradata[0] === 0 && extradata[1] === 0;
  return isAnnexB ? Buffer.concat([extradata, data]) : data;
}
