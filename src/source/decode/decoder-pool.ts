import type { FfmpegBuild } from '../../ffmpeg/build.ts';
import type { Box } from '../../lib/box.ts';
import { FramegateError } from '../../lib/errors.ts';
import type { AccessUnit } from '../access-unit.ts';
import type { LumaFrame, Picture } from '../frame.ts';
import { type DecodedPicture, Decoder, type LumaSize, type UnitDecoder } from './decoder.ts';
import { KeyframeDecoder } from './keyframe-decoder.ts';
import { pushOut } from './push-out.ts';

/** Decoders that are kept for the next wake or picture, each of another kind, so that it need not wait for a process. */
const MAX_SPARES = 2;
/** A spare that nobody wanted for this long is replaced by a new one, which takes 10 MB instead of 22: it holds no pictures. */
const RENEW_MS = 60_000;
const NOTHING = { frame: false, picture: false };

/** What a decoder is good for: it cannot change its codec, nor the sizes of what comes out. */
export interface DecoderKind {
  readonly fourcc: string;
  /** Of the whole picture. */
  readonly width: number;
  readonly height: number;
  readonly luma: LumaSize;
}

export interface PoolSnapshot {
  /** Child processes that run now, and those of them that wait for the next wake. */
  readonly decoders: number;
  readonly spares: number;
  /** Shared decoders that were replaced because they died or hung. */
  readonly restarts: number;
}

/** What a camera asks of the pool. */
export interface DecoderSupply {
  acquire(kind: DecoderKind): Promise<UnitDecoder>;
  release(decoder: UnitDecoder): void;
  keyframe(unit: AccessUnit, luma: LumaSize): Promise<LumaFrame | undefined>;
  dropSpares(): void;
}

interface Spare {
  readonly kind: string;
  readonly decoder: Decoder;
  /** Undefined for one that is new. */
  readonly renewal?: NodeJS.Timeout;
}

/** All decoders of the gateway: one for the keyframes of all idle cameras of a kind, one per camera that is awake, and a spare of a kind. */
export class DecoderPool implements DecoderSupply, AsyncDisposable {
  readonly #findFfmpeg: () => Promise<FfmpegBuild>;
  readonly #keyframes = new Map<string, KeyframeDecoder>();
  readonly #renewMs: number;
  /** Newest first. */
  #spares: Spare[] = [];
  readonly #lent = new Map<UnitDecoder, { readonly decoder: Decoder; readonly kind: string }>();
  readonly #ending = new Set<Promise<void>>();
  #closed = false;

  constructor(findFfmpeg: () => Promise<FfmpegBuild>, { renewMs = RENEW_MS } = {}) {
    this.#findFfmpeg = findFfmpeg;
    this.#renewMs = renewMs;
  }

  /** The small frame of one keyframe; undefined when it could not be decoded. */
  keyframe(unit: AccessUnit, luma: LumaSize): Promise<LumaFrame | undefined> {
    const key = `${unit.stream.fourcc} ${luma.width}x${luma.height}`;
    let decoder = this.#keyframes.get(key);
    if (!decoder) {
      decoder = new KeyframeDecoder(
        () => this.#start(luma, true),
        () => this.dropSpares(),
      );
      this.#keyframes.set(key, decoder);
    }
    return decoder.decode(unit);
  }

  /**
   * The whole picture of the last of `units`.
   * @param units from a keyframe up to the wanted picture, as the ring keeps them.
   * @param reorders the stream has pictures out of order: its decoder holds them back until it is pushed on.
   * @param area what the picture's part is wanted of.
   * @throws ERR_PICTURE_GONE when `units` is empty, ERR_PICTURE_FAILED when nothing comes out or `signal` aborts first.
   */
  async picture(
    units: readonly AccessUnit[],
    luma: LumaSize,
    signal: AbortSignal,
    { reorders = false, area }: { readonly reorders?: boolean | undefined; readonly area?: Box | undefined } = {},
  ): Promise<Picture> {
    const [key] = units;
    const wanted = units.at(-1);
    if (!key || !wanted) throw new FramegateError('ERR_PICTURE_GONE', 'the frame is no longer in memory');
    const decoder = await this.acquire(kindOf(wanted, luma));
    let stop: () => void = () => undefined;
    try {
      const picture = await new Promise<DecodedPicture | undefined>((resolve) => {
        stop = () => resolve(undefined);
        if (signal.aborted) stop();
        signal.addEventListener('abort', stop, { once: true });
        decoder.serve({ frame: () => undefined, picture: (_unit, decoded) => resolve(decoded), ended: stop });
        for (const unit of units)
          decoder.write(unit, unit === wanted ? { frame: false, picture: true, area } : NOTHING);
        if (reorders) for (const unit of pushOut(key)) decoder.write(unit, NOTHING, reorders);
      });
      if (picture) return { ...picture, at: wanted.at, time: wanted.time };
      const why = signal.aborted ? 'in time' : 'at all';
      throw new FramegateError('ERR_PICTURE_FAILED', `the frame could not be decoded ${why}`);
    } finally {
      signal.removeEventListener('abort', stop);
      this.release(decoder);
    }
  }

  /** A decoder for one camera; the caller gives it back. */
  async acquire(kind: DecoderKind): Promise<Decoder> {
    const name = nameOf(kind);
    const spare = this.#spares.find((one) => one.kind === name && one.decoder.isRunning);
    this.#spares = this.#spares.filter((one) => one !== spare);
    clearTimeout(spare?.renewal);
    const decoder = spare?.decoder ?? (await this.#start(kind.luma));
    this.#lent.set(decoder, { decoder, kind: name });
    return decoder;
  }

  /** Takes a decoder back; it is kept for the next one if it is well and has nothing left to do or to give. */
  release(given: UnitDecoder): void {
    const lent = this.#lent.get(given);
    if (!lent) return;
    const { decoder, kind } = lent;
    this.#lent.delete(given);
    const isIdle = decoder.waitingMs === 0 && decoder.waitingBytes === 0;
    decoder.serve(undefined);
    if (this.#closed || !decoder.isRunning || !isIdle || decoder.holdsBack) {
      this.#end(decoder);
      return;
    }
    // One of a kind is enough.
    const surplus = this.#spares.find((one) => one.kind === kind) ?? this.#spares[MAX_SPARES - 1];
    // Without a new one the old one stays.
    const renew = () => this.#expect(this.#renew(spare).catch(() => undefined));
    const spare: Spare = { kind, decoder, renewal: setTimeout(renew, this.#renewMs) };
    this.#spares = [spare, ...this.#spares.filter((one) => one !== surplus)];
    if (surplus) this.#drop(surplus);
  }

  async #renew(spare: Spare): Promise<void> {
    const decoder = await this.#start(spare.decoder.size);
    // Somebody may have wanted it meanwhile.
    const isStillSpare = this.#spares.includes(spare);
    this.#spares = this.#spares.map((one) => (one === spare ? { kind: spare.kind, decoder } : one));
    this.#end(isStillSpare ? spare.decoder : decoder);
  }

  /** Ends the decoders that wait for the next wake. */
  dropSpares(): void {
    for (const spare of this.#spares) this.#drop(spare);
    this.#spares = [];
  }

  #drop({ decoder, renewal }: Spare): void {
    clearTimeout(renewal);
    this.#end(decoder);
  }

  snapshot(): PoolSnapshot {
    const shared = [...this.#keyframes.values()];
    return {
      decoders: this.#spares.length + this.#lent.size + shared.filter(({ isRunning }) => isRunning).length,
      spares: this.#spares.length,
      restarts: shared.reduce((sum, { restarts }) => sum + restarts, 0),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.dropSpares();
    for (const { decoder } of this.#lent.values()) this.#end(decoder);
    await Promise.all([...this.#keyframes.values()].map((decoder) => decoder[Symbol.asyncDispose]()));
    while (this.#ending.size > 0) await Promise.all(this.#ending);
  }

  /** A child that hangs takes some seconds to end, for which nobody waits. */
  #end(decoder: Decoder): void {
    this.#expect(decoder[Symbol.asyncDispose]());
  }

  /** What must be over before the pool is. */
  #expect(work: Promise<void>): void {
    const ending = work.finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }

  async #start(luma: LumaSize, keyframesOnly = false): Promise<Decoder> {
    return Decoder.start(await this.#findFfmpeg(), luma, { keyframesOnly });
  }
}

export function kindOf({ stream }: AccessUnit, luma: LumaSize): DecoderKind {
  return { fourcc: stream.fourcc, width: stream.width, height: stream.height, luma };
}

const nameOf = ({ fourcc, width, height, luma }: DecoderKind) =>
  `${fourcc} ${width}x${height} ${luma.width}x${luma.height}`;
