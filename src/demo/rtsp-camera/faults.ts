import type { VideoCodec } from '../../rtsp/nal.ts';
import { INTERLEAVED_HEADER_BYTES } from '../../rtsp/rtp.ts';

/** What the faults need from the camera. */
export interface FaultTarget {
  /** Closes every connection; with `reset` by a TCP RST. */
  drop(reset: boolean): void;
  /** Writes bytes to every connection. */
  write(bytes: Buffer): void;
  /** Starts or stops listening, on the same port. */
  listen(listening: boolean): Promise<void>;
  /** Goes on with another stream; connections that play another codec are closed. */
  switchTo(file: string | Buffer, codec?: VideoCodec, fps?: number): Promise<void>;
  rotateNonce(): void;
}

/** Makes the camera misbehave on command. What is random is the same in every run. */
export class Faults {
  /** Accept connections, read, never answer. Connections that play are not touched. */
  hangOnConnect = false;
  /** Describe a stream that has audio and no video. */
  audioOnly = false;

  readonly #target: FaultTarget;
  readonly #random = randomNumbers(1);
  #stalled = false;
  #refusal: { readonly status: number; readonly methods: readonly string[] | undefined } | undefined;
  #loss = 0;
  #corruption = 0;
  #truncation = 0;
  #jumpSeconds = 0;
  #timestampsFrozen = false;

  constructor(target: FaultTarget) {
    this.#target = target;
  }

  /** Sockets stay open and requests are answered, but no packet comes. The scene goes on meanwhile. */
  stall(): void {
    this.#stalled = true;
  }

  /** Ends `stall`: each client gets packets again from the next keyframe on. */
  resume(): void {
    this.#stalled = false;
  }

  /** Closes every connection, in order (FIN) or by a reset (RST). New ones are welcome. */
  dropClients(options: { readonly reset?: boolean } = {}): void {
    this.#target.drop(options.reset ?? false);
  }

  /** True: stop listening, so that new connections are refused; open ones stay. False: listen again on the same port. */
  refuse(refused: boolean): Promise<void> {
    return this.#target.listen(!refused);
  }

  /**
   * Answers requests with this status; undefined ends it. Without `methods` every method but OPTIONS, which cameras answer even when
   * they refuse the rest.
   */
  respond(status: number | undefined, methods?: readonly string[]): void {
    this.#refusal = status === undefined ? undefined : { status, methods };
  }

  /** Leaves out this fraction (0..1) of the RTP packets; their sequence numbers stay missing. */
  losePackets(fraction: number): void {
    this.#loss = fraction;
  }

  /** Overwrites some payload bytes in this fraction (0..1) of the RTP packets. */
  corruptPackets(fraction: number): void {
    this.#corruption = fraction;
  }

  /** Cuts off the end of this fraction (0..1) of the RTP packets; their length says so, their NAL units are too short. */
  truncatePackets(fraction: number): void {
    this.#truncation = fraction;
  }

  /** Sends every connection `bytes` bytes that are neither RTP nor RTSP, once. */
  garbage(bytes = 4096): void {
    // No byte may look like the `$` or the `RTSP/` with which a client could find back into step.
    this.#target.write(Buffer.from(Array.from({ length: bytes }, () => 0x80 + Math.floor(this.#random() * 0x80))));
  }

  /** Goes on with another file mid-stream, from its start: other size, other parameter sets, as when someone reconfigures the camera. */
  switchFile(
    file: string | Buffer,
    stream: { readonly codec?: VideoCodec; readonly fps?: number } = {},
  ): Promise<void> {
    return this.#target.switchTo(file, stream.codec, stream.fps);
  }

  /** Shifts the RTP timestamps (and the sender reports) from now on, forward or, when negative, back. */
  jumpTimestamps(seconds: number): void {
    this.#jumpSeconds += seconds;
  }

  /** True: every packet carries the same RTP timestamp. */
  freezeTimestamps(frozen: boolean): void {
    this.#timestampsFrozen = frozen;
  }

  /** Digest only: answers to the nonce given so far become stale, as when a camera renews it. */
  rotateNonce(): void {
    this.#target.rotateNonce();
  }

  get stalled(): boolean {
    return this.#stalled;
  }

  get jumpSeconds(): number {
    return this.#jumpSeconds;
  }

  get timestampsFrozen(): boolean {
    return this.#timestampsFrozen;
  }

  /** The status with which a request must be refused, if any. */
  refusalOf(method: string): number | undefined {
    const refusal = this.#refusal;
    if (!refusal) return undefined;
    const hit = refusal.methods ? refusal.methods.includes(method) : method !== 'OPTIONS';
    return hit ? refusal.status : undefined;
  }

  /** Passes, damages (in place), shortens or drops one RTP packet; the first `headerBytes` are never damaged, but for the length. */
  pass(packet: Buffer, headerBytes: number): Buffer | undefined {
    if (this.#loss > 0 && this.#random() < this.#loss) return undefined;
    if (this.#corruption > 0 && this.#random() < this.#corruption) {
      const length = packet.length - headerBytes;
      for (let hits = 0; hits < 1 + length / 100; hits += 1) {
        packet[headerBytes + Math.floor(this.#random() * length)] = Math.floor(this.#random() * 256);
      }
    }
    if (this.#truncation > 0 && this.#random() < this.#truncation) {
      const length = headerBytes + Math.floor(this.#random() * (packet.length - headerBytes));
      packet.writeUInt16BE(length - INTERLEAVED_HEADER_BYTES, 2);
      return packet.subarray(0, length);
    }
    return packet;
  }
}

/** Uniform numbers in 0..1 from a seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
