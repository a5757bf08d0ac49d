import type { AccessUnit } from '../source/access-unit.ts';
import type { Wanted } from '../source/decode/count.ts';
import type { DecodedFrame, DecoderClient, LumaSize } from '../source/decode/decoder.ts';
import type { LumaFrame } from '../source/frame.ts';
import type { DecodedFrames, Kind } from './decoded-frames.ts';

/**
 * What a camera of a backtest decodes with: it gives the frames that were decoded already. To the camera it looks like the pool of the live path
 * with decoders that are never late.
 */
export class ReplaySupply {
  readonly #frames: DecodedFrames;
  readonly #size: LumaSize;
  readonly #later: (work: () => void) => void;
  /** Access units that a live camera would have decoded. */
  decoded = 0;

  /** @param later does what a decoder does after it was written to. */
  constructor(frames: DecodedFrames, size: LumaSize, later: (work: () => void) => void) {
    this.#frames = frames;
    this.#size = size;
    this.#later = later;
  }

  async acquire(): Promise<ReplayDecoder> {
    return new ReplayDecoder((unit, give) => {
      this.decoded += 1;
      if (give) this.#later(() => this.#give('frame', unit, give));
    });
  }

  async keyframe(unit: AccessUnit): Promise<LumaFrame | undefined> {
    this.decoded += 1;
    let frame: LumaFrame | undefined;
    this.#give('look', unit, (decoded) => {
      frame = decoded;
    });
    return frame;
  }

  release(decoder: ReplayDecoder): void {
    decoder.serve(undefined);
  }

  dropSpares(): void {
    // there are none
  }

  #give(kind: Kind, unit: AccessUnit, give: (frame: DecodedFrame) => void): void {
    const data = this.#frames.of(kind, unit);
    if (data) give({ unit, at: unit.at, time: unit.time, ...this.#size, data });
  }
}

type Write = (unit: AccessUnit, give: ((frame: DecodedFrame) => void) | undefined) => void;

class ReplayDecoder {
  readonly #write: Write;
  #client: DecoderClient | undefined;
  readonly isRunning = true;
  readonly hasGiven = true;
  readonly complained = 0;
  readonly waitingBytes = 0;
  readonly waitingMs = 0;
  readonly silentMs = 0;

  constructor(write: Write) {
    this.#write = write;
  }

  serve(client: DecoderClient | undefined): void {
    this.#client = client;
  }

  write(unit: AccessUnit, wanted: Wanted): void {
    const client = this.#client;
    // As with a real one, nothing comes out any more for a client that has left.
    this.#write(unit, wanted.frame ? (frame) => this.#client === client && client?.frame(frame) : undefined);
  }
}
