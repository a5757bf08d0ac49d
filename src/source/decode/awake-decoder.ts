/**
 * Decodes one camera in full while it is awake: first what the ring kept, then what arrives. A decoder that dies or hangs is replaced, and
 * what it owed is decoded again.
 */
import type { Box } from '../../lib/box.ts';
import { FramegateError } from '../../lib/errors.ts';
import { Serial } from '../../lib/serial.ts';
import type { AccessUnit } from '../access-unit.ts';
import type { GopRing } from '../gop-ring.ts';
import type { DecodedFrame, DecodedPicture, UnitDecoder } from './decoder.ts';
import type { DecoderKind, DecoderSupply } from './decoder-pool.ts';
import { createRateGrid } from './rate-grid.ts';

/** The replay is over when the newest frame is no older than this. */
const CAUGHT_UP_MS = 600;
/** A frame that is awaited for longer, once caught up, is too old to be of use: the machine is overloaded. */
const MAX_LAG_MS = 1000;
/** Compressed bytes that may wait for a busy decoder: more than a ring holds. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024;
/** A decoder that owes a frame for this long hangs. One that gave none yet has longer, twice as long each time: the machine may be busy. */
const HANG_MS = 3000;
const START_MS = 4000;
/** So many decoders within this time are the stream's fault or the machine's. */
const MAX_RESTARTS = 5;
const RESTARTS_MS = 30_000;

export interface AwakeParts {
  readonly pool: DecoderSupply;
  readonly ring: GopRing;
  readonly kind: DecoderKind;
  /** Frames per second that are wanted. */
  readonly fps: number;
  readonly frame: (frame: DecodedFrame) => void;
  /** The stream has pictures out of order. */
  readonly reorders: () => boolean;
  readonly picture: (unit: AccessUnit, picture: DecodedPicture) => void;
  /** Defined when the picture of this wanted frame shall come out too; with its part around `area`. */
  readonly wantsPicture: (unit: AccessUnit) => { readonly area: Box | undefined } | undefined;
  readonly dropped: () => void;
  /** The decoder complained about what it decoded. */
  readonly damaged: () => void;
  /** A decoder is replaced, because of this. */
  readonly restarted: (reason: string) => void;
  /** No decoder can be had. */
  readonly fail: (error: unknown) => void;
}

export class AwakeDecoder {
  readonly #parts: AwakeParts;
  /** Decoders come and go one after the other. */
  readonly #work: Serial;
  #decoder: UnitDecoder | undefined;
  #wanted: (at: number) => boolean = () => false;
  #lastFrameAt: number;
  #caughtUpAt: number | undefined;
  #skipsToKey = false;
  #closed = false;
  #complained = 0;
  #restarts: number[] = [];
  #startMs = START_MS;

  /** @param lastFrameAt of the newest frame that was seen already. */
  constructor(parts: AwakeParts, lastFrameAt: number) {
    this.#parts = parts;
    this.#lastFrameAt = lastFrameAt;
    this.#work = new Serial((error) => parts.fail(error));
  }

  /** Moment of the newest access unit when the replay was over; undefined before. */
  get caughtUpAt(): number | undefined {
    return this.#caughtUpAt;
  }

  /** Begins with what the ring has from the keyframe at or before `from` on. */
  start(from: number): void {
    void this.#work.run(() => this.#open(from));
  }

  feed(unit: AccessUnit): void {
    const decoder = this.#decoder;
    if (!decoder) return; // the ring has it; the replay will begin there
    if (this.#isHanging(decoder)) {
      if (!decoder.hasGiven) this.#startMs *= 2;
      // What stopped it may have stopped those that wait beside it.
      this.#parts.pool.dropSpares();
      this.#replace(decoder, 'the decoder hangs');
      return;
    }
    const lag = this.#caughtUpAt === undefined ? 0 : decoder.waitingMs;
    if (lag > MAX_LAG_MS || decoder.waitingBytes > MAX_WAITING_BYTES) this.#skipsToKey = true;
    else if (unit.key) this.#skipsToKey = false;
    if (this.#skipsToKey) this.#parts.dropped();
    else this.#write(decoder, unit);
  }

  /** Gives the decoder back. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#work.idle();
    const decoder = this.#decoder;
    this.#decoder = undefined;
    if (decoder) this.#parts.pool.release(decoder);
  }

  async #open(from: number): Promise<void> {
    const { pool, ring, kind, fps } = this.#parts;
    if (this.#closed) return;
    const decoder = await pool.acquire(kind);
    if (this.#closed) return pool.release(decoder);
    this.#wanted = createRateGrid(fps);
    this.#skipsToKey = false;
    this.#complained = decoder.complained;
    decoder.serve({
      frame: (frame) => this.#take(frame, decoder.complained),
      picture: this.#parts.picture,
      ended: ({ message }) => this.#replace(decoder, message),
    });
    this.#decoder = decoder;
    for (const unit of ring.since(from)) this.#write(decoder, unit);
  }

  #write(decoder: UnitDecoder, unit: AccessUnit): void {
    this.#parts.ring.lend(unit);
    const frame = unit.at > this.#lastFrameAt && this.#wanted(unit.at);
    const order = frame ? this.#parts.wantsPicture(unit) : undefined;
    decoder.write(unit, { frame, picture: order !== undefined, area: order?.area }, this.#parts.reorders());
  }

  #take(frame: DecodedFrame, complained: number): void {
    if (complained > this.#complained) this.#parts.damaged();
    this.#complained = complained;
    if (frame.at <= this.#lastFrameAt) return;
    this.#lastFrameAt = frame.at;
    const newest = this.#parts.ring.newest?.at ?? frame.at;
    if (newest - frame.at < CAUGHT_UP_MS) this.#caughtUpAt ??= newest;
    this.#parts.frame(frame);
  }

  /** It owes a frame for long, and gave none meanwhile. */
  #isHanging(decoder: UnitDecoder): boolean {
    const limit = decoder.hasGiven ? HANG_MS : this.#startMs;
    return decoder.waitingMs > limit && decoder.silentMs > limit;
  }

  #replace(decoder: UnitDecoder, reason: string): void {
    if (this.#closed || this.#decoder !== decoder) return;
    this.#decoder = undefined;
    this.#parts.pool.release(decoder);
    this.#parts.restarted(reason);
    const now = performance.now();
    this.#restarts = [...this.#restarts.filter((at) => now - at < RESTARTS_MS), now];
    if (this.#restarts.length <= MAX_RESTARTS) this.start(this.#lastFrameAt);
    else this.#parts.fail(new FramegateError('ERR_FFMPEG_EXITED', 'decoders die or hang one after the other'));
  }
}
