import type { Readable } from 'node:stream';
import { decodeArguments } from '../../ffmpeg/arguments.ts';
import type { FfmpegBuild } from '../../ffmpeg/build.ts';
import { FfmpegChild } from '../../ffmpeg/child.ts';
import type { NutStream } from '../../ffmpeg/nut.ts';
import { NutReader } from '../../ffmpeg/nut-reader.ts';
import { PART_BIT, partPlace } from '../../ffmpeg/picture-part.ts';
import { FramegateError } from '../../lib/errors.ts';
import type { AccessUnit } from '../access-unit.ts';
import type { LumaFrame, Picture } from '../frame.ts';
import { countedHeader, countedPacket, countOf, type Wanted, wantedBits } from './count.ts';

/** Size in pixels of the small frames. */
export interface LumaSize {
  readonly width: number;
  readonly height: number;
}

export interface DecodedFrame extends LumaFrame {
  readonly unit: AccessUnit;
}

export type DecodedPicture = Pick<Picture, 'jpeg' | 'part'>;

/** Whom a decoder works for. */
export interface DecoderClient {
  /** The next frame that was wanted; in order. */
  frame(frame: DecodedFrame): void;
  picture(unit: AccessUnit, picture: DecodedPicture): void;
  /** The child died: nothing more comes. */
  ended(error: FramegateError): void;
}

/** A decoder as its client sees it. */
export type UnitDecoder = Pick<
  Decoder,
  'isRunning' | 'complained' | 'waitingBytes' | 'waitingMs' | 'silentMs' | 'hasGiven' | 'serve' | 'write'
>;

/** Access units that may wait for the next one of which something is wanted. */
const MAX_HELD = 8;

interface Waiting {
  readonly unit: AccessUnit;
  readonly since: number;
  readonly bits: number;
  /** What came of its picture. */
  jpeg?: Buffer;
  whole?: LumaSize;
  part?: Buffer;
}

/**
 * An ffmpeg child that decodes access units to small gray frames, and to JPEG where a picture is wanted. It serves one client after another,
 * as long as each begins with a keyframe and all pictures are of one size.
 */
export class Decoder implements AsyncDisposable {
  readonly #ffmpeg: FfmpegChild;
  readonly size: LumaSize;
  #client: DecoderClient | undefined;
  #error: FramegateError | undefined;
  #begun = false;
  #count = 0;
  /** What is wanted and has not come out, by count. */
  readonly #frames = new Map<number, Waiting>();
  readonly #pictures = new Map<number, Waiting>();
  readonly #parts = new Map<number, Waiting>();
  /** Packets that are not written yet. */
  #held: Array<readonly Buffer[]> = [];
  #stream: NutStream | undefined;
  #gaveAt = performance.now();
  #given = 0;
  #holdsBack = false;

  private constructor(ffmpeg: FfmpegChild, size: LumaSize) {
    this.#ffmpeg = ffmpeg;
    this.size = size;
    const { width, height } = size;
    this.#read(ffmpeg.stdout, this.#frames, ({ unit }, data) => {
      if (data.length === width * height)
        this.#client?.frame({ unit, at: unit.at, time: unit.time, width, height, data });
    });
    this.#read(ffmpeg.secondOutput, this.#pictures, (waiting, data, { width, height }) => {
      waiting.jpeg = data;
      waiting.whole = { width, height };
      this.#givePicture(waiting);
    });
    this.#read(ffmpeg.thirdOutput, this.#parts, (waiting, data) => {
      waiting.part = data;
      this.#givePicture(waiting);
    });
    void ffmpeg.exited.then(({ code, signal, complaints }) => {
      const last = complaints.at(-1);
      const how = `the decoder ended (${signal ?? `code ${code}`})${last ? ` ${last}` : ''}`;
      this.#error = new FramegateError('ERR_FFMPEG_EXITED', how);
      this.#client?.ended(this.#error);
    });
  }

  /** Starts the child; it waits for its first access unit without any load. */
  static async start(build: FfmpegBuild, size: LumaSize, options: { keyframesOnly?: boolean } = {}): Promise<Decoder> {
    return new Decoder(await FfmpegChild.start(build, decodeArguments(build, size, options)), size);
  }

  get isRunning(): boolean {
    return this.#ffmpeg.isRunning && this.#error === undefined;
  }

  /** Complaints of the child about what it decodes, so far. */
  get complained(): number {
    return this.#ffmpeg.complained;
  }

  /** Bytes that it has not taken yet. */
  get waitingBytes(): number {
    return this.#ffmpeg.stdin.writableLength;
  }

  /** For how many ms the oldest wanted frame has been awaited; 0 when none is. */
  get waitingMs(): number {
    const [oldest] = this.#frames.values();
    return oldest ? performance.now() - oldest.since : 0;
  }

  /** For how many ms nothing came out of it. */
  get silentMs(): number {
    return performance.now() - this.#gaveAt;
  }

  /** Something came out of it since it was started. */
  get hasGiven(): boolean {
    return this.#given > 0;
  }

  /** A stream whose pictures are out of order went through it: it goes on holding pictures back, and would give them to whom it serves next. */
  get holdsBack(): boolean {
    return this.#holdsBack;
  }

  /** Works for `client` from now on. Nothing comes out any more of what was written before. */
  serve(client: DecoderClient | undefined): void {
    this.#client = client;
    this.#frames.clear();
    this.#pictures.clear();
    this.#parts.clear();
    this.#held = [];
    this.#stream = undefined;
    if (this.#error) client?.ended(this.#error);
  }

  /**
   * Decodes one access unit. The first one for a client must be a keyframe. One of which nothing is wanted waits for the next, so that both
   * processes wake once for all of them; not where `reorders` says that a picture comes out only after later ones went in.
   */
  write(unit: AccessUnit, wanted: Wanted, reorders = false): void {
    this.#count += 1;
    this.#holdsBack ||= reorders;
    const bits = wantedBits(unit, wanted);
    const waiting = { unit, since: performance.now(), bits };
    if (wanted.frame) this.#frames.set(this.#count, waiting);
    if (wanted.picture) this.#pictures.set(this.#count, waiting);
    if (bits & PART_BIT) this.#parts.set(this.#count, waiting);
    const isNewStream = unit.stream !== this.#stream;
    this.#stream = unit.stream;
    this.#held.push(countedPacket(unit, this.#count, bits, isNewStream && unit.key ? parameterSets(unit) : undefined));
    if (wanted.frame || wanted.picture || reorders || this.#held.length >= MAX_HELD) this.#flush(unit.stream);
  }

  #flush(stream: NutStream): void {
    const { stdin } = this.#ffmpeg;
    stdin.cork();
    if (!this.#begun) stdin.write(countedHeader(stream));
    this.#begun = true;
    for (const packet of this.#held) for (const part of packet) stdin.write(part);
    this.#held = [];
    stdin.uncork();
  }

  /** JPEG and part come in any order. */
  #givePicture({ unit, bits, jpeg, whole, part }: Waiting): void {
    if (!jpeg || !whole) return;
    if (!(bits & PART_BIT)) this.#client?.picture(unit, { jpeg });
    else if (part) this.#client?.picture(unit, { jpeg, part: { ...partPlace(bits, whole), jpeg: part } });
  }

  #read(
    output: Readable,
    waiting: Map<number, Waiting>,
    give: (waiting: Waiting, data: Buffer, stream: NutStream) => void,
  ): void {
    const reader = new NutReader();
    // How the child died is told by `exited`.
    output.on('error', () => undefined);
    output.on('data', (chunk: Buffer) => {
      this.#gaveAt = performance.now();
      this.#given += 1;
      try {
        for (const { pts, data } of reader.push(chunk)) {
          const { stream } = reader;
          const found = stream && take(waiting, countOf(pts, stream.timeBase));
          if (found) give(found, data, stream);
        }
      } catch {
        // What it writes is no NUT any more: it can only be replaced.
        output.destroy();
        void this[Symbol.asyncDispose]();
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ffmpeg[Symbol.asyncDispose]();
  }
}

/** What came before `count` and did not come out was damaged. */
function take(waiting: Map<number, Waiting>, count: number): Waiting | undefined {
  const found = waiting.get(count);
  for (const earlier of waiting.keys()) {
    if (earlier > count) break;
    waiting.delete(earlier);
  }
  return found;
}

/** A decoder that had another camera before needs this one's, which may have come only with the session's description. */
function parameterSets({ stream: { extradata } }: AccessUnit): Buffer | undefined {
  const isAnnexB = extradata.length > 4 && extradata[0] === 0 && extradata[1] === 0;
  return isAnnexB ? extradata : undefined;
}
