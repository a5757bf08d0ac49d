import { type LumaSize, lumaArguments } from '../ffmpeg/arguments.ts';
import type { FfmpegBuild } from '../ffmpeg/build.ts';
import { FfmpegChild } from '../ffmpeg/child.ts';
import { NutReader } from '../ffmpeg/nut-reader.ts';
import { nutHeader, nutPacket } from '../ffmpeg/nut-writer.ts';
import { FramegateError } from '../lib/errors.ts';
import { type AccessUnit, ptsSeconds } from './access-unit.ts';
import type { LumaFrame, Moment } from './frame.ts';

/** Compressed bytes that may wait for a busy decoder: about a second of a 4K stream. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
/** Moments of access units that have not come out as a frame (most never do: only some are selected). */
const MAX_MOMENTS = 512;

/** Decodes the access units of one camera to small gray frames, in an ffmpeg child of its own. */
export class LumaDecoder implements AsyncDisposable {
  readonly #ffmpeg: FfmpegChild;
  readonly #size: LumaSize;
  #moments: Array<Moment & { readonly seconds: number }> = [];
  #skipToKey = true;

  private constructor(ffmpeg: FfmpegChild, size: LumaSize) {
    this.#ffmpeg = ffmpeg;
    this.#size = size;
  }

  /** @param first the access unit whose stream is to be decoded. */
  static async open(
    build: FfmpegBuild,
    first: AccessUnit,
    decode: { readonly fps: number; readonly height: number },
  ): Promise<LumaDecoder> {
    const { width, height } = first.stream;
    // ffmpeg's scaler wants even widths; the picture is never blown up.
    const lumaHeight = Math.min(decode.height, height || decode.height);
    const lumaWidth = Math.max(16, Math.round(((width || 16) / (height || 9)) * lumaHeight * 0.5) * 2);
    const size = { fps: decode.fps, height: lumaHeight, width: lumaWidth };
    const ffmpeg = await FfmpegChild.start(build, lumaArguments(build, size));
    ffmpeg.stdin.write(nutHeader(first.stream));
    return new LumaDecoder(ffmpeg, size);
  }

  get pid(): number | undefined {
    return this.#ffmpeg.pid;
  }

  /** Hands over one access unit; false when the decoder is too far behind and it was left out, up to the next keyframe. */
  write(unit: AccessUnit): boolean {
    if (this.#ffmpeg.stdin.writableLength > MAX_WAITING_BYTES) this.#skipToKey = true;
    else if (unit.key) this.#skipToKey = false;
    if (this.#skipToKey) return false;
    this.#moments.push({ at: unit.at, time: unit.time, seconds: ptsSeconds(unit.stream, unit.pts) });
    if (this.#moments.length > MAX_MOMENTS) this.#moments.shift();
    const [head, data] = nutPacket({ pts: Math.max(0, unit.pts), key: unit.key, data: unit.data });
    this.#ffmpeg.stdin.write(head);
    this.#ffmpeg.stdin.write(data);
    return true;
  }

  /** The decoded frames, with the moments of their access units. Throws ERR_FFMPEG_EXITED when the decoder dies. */
  async *frames(signal: AbortSignal): AsyncGenerator<LumaFrame, void, undefined> {
    const { width, height } = this.#size;
    const reader = new NutReader();
    const stop = () => this.#ffmpeg.stdout.destroy();
    signal.addEventListener('abort', stop, { once: true });
    try {
      if (signal.aborted) return;
      for await (const chunk of this.#ffmpeg.stdout as AsyncIterable<Buffer>) {
        for (const { pts, data } of reader.push(chunk)) {
          const moment = reader.stream && this.#momentOf(ptsSeconds(reader.stream, pts));
          if (moment && data.length === width * height) yield { at: moment.at, time: moment.time, width, height, data };
        }
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      signal.removeEventListener('abort', stop);
    }
    if (signal.aborted) return;
    const { code, signal: by, complaints } = await this.#ffmpeg.exited;
    throw new FramegateError(
      'ERR_FFMPEG_EXITED',
      `the decoder ended (${by ?? `code ${code}`}) ${complaints.at(-1) ?? ''}`.trim(),
    );
  }

  #momentOf(seconds: number): Moment | undefined {
    const index = this.#moments.findIndex((moment) => Math.abs(moment.seconds - seconds) < 0.001);
    if (index < 0) return undefined;
    const moment = this.#moments[index];
    this.#moments = this.#moments.slice(index + 1);
    return moment;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ffmpeg[Symbol.asyncDispose]();
  }
}
