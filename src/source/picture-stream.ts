/**
 * The stream that pictures are taken from, where a camera has a small one for motion and a large one: it is received and kept, and decoded only
 * when a picture of it is wanted.
 */
import type { FfmpegBuild } from '../ffmpeg/build.ts';
import type { Box } from '../lib/box.ts';
import type { Transport } from './config.ts';
import type { DecoderPool } from './decode/decoder-pool.ts';
import type { Moment, Picture } from './frame.ts';
import { GopRing, type RingBounds } from './gop-ring.ts';
import { lumaSize } from './luma-size.ts';
import { createReceiver } from './receive.ts';
import type { Source } from './source.ts';
import { learnTraits, type StreamTraits } from './stream-traits.ts';
import { UnitMemory } from './unit-memory.ts';

/** The GOP under way and the one before, at most: a picture is wanted within the deadline of its frame. */
const RING: RingBounds = { bytes: 24 * 1024 * 1024, gops: 1, ms: 0 };
/** For this long every picture of a session is looked at for B-frames, then parameter sets only. */
const LEARN_MS = 8000;
/** The streams of a camera do not arrive at the same time; a picture that is older than this shows something else. */
const MAX_LAG_MS = 1000;

export interface PictureStreamOptions {
  readonly findFfmpeg: () => Promise<FfmpegBuild>;
  readonly url: string;
  readonly transport?: Transport;
  readonly stallTimeoutMs: number;
  /** Height in pixels of the small frames that the decoders of `pool` make beside the pictures. */
  readonly lumaHeight: number;
  readonly pool: DecoderPool;
  readonly unitMemory?: UnitMemory;
}

export interface PictureStreamSnapshot {
  readonly online: boolean;
  /** Compressed pictures that are kept, in bytes. */
  readonly keptBytes: number;
}

export interface PictureStream {
  /** One session: resolves when `signal` aborts, throws ERR_SOURCE_* or ERR_FFMPEG_* when the stream is lost. */
  run(signal: AbortSignal): Promise<void>;
  /** As `Source.capture`; undefined while nothing comes. */
  capture(moment: Moment, area?: Box): ((signal: AbortSignal) => Promise<Picture>) | undefined;
  snapshot(): PictureStreamSnapshot;
}

export function createPictureStream(options: PictureStreamOptions): PictureStream {
  const { pool, lumaHeight, unitMemory = new UnitMemory() } = options;
  const openRing = () => new GopRing(RING, (memory) => unitMemory.reuse(memory));
  const receiver = createReceiver({ ...options, unitMemory });
  let ring = openRing();
  let online = false;
  /** Timestamps went back in this session. */
  let goesBack = false;
  let traits: StreamTraits | undefined;

  return {
    async run(signal) {
      try {
        let startedAt: number | undefined;
        for await (const unit of receiver.receive(signal)) {
          online = true;
          startedAt ??= unit.at;
          if (unit.key || unit.at - startedAt < LEARN_MS) traits = learnTraits(traits, unit);
          goesBack ||= unit.pts < (ring.newest?.pts ?? unit.pts);
          ring.push(unit);
        }
      } finally {
        online = false;
        goesBack = false;
        traits = undefined;
        ring = openRing();
      }
    },

    capture({ at }, area) {
      const units = ring.upTo(at);
      const newest = units.at(-1);
      if (!newest || at - newest.at > MAX_LAG_MS) return undefined;
      const reorders = goesBack || traits?.reorders;
      return (signal) => pool.picture(units, lumaSize(newest.stream, lumaHeight), signal, { reorders, area });
    },

    snapshot: () => ({ online, keptBytes: ring.bytes }),
  };
}

/** `source`, with pictures from another stream of the same camera; from its own while that one is lost. */
export function withPictures(source: Source, pictures: PictureStream): Source {
  return {
    ...source,
    order: (at, area) => {
      if (!pictures.snapshot().online) source.order(at, area);
    },
    capture(moment, area) {
      const large = pictures.capture(moment, area);
      const own = source.capture(moment, area);
      if (!large) return own;
      return (signal) =>
        large(signal).catch((error: unknown) => {
          if (signal.aborted) throw error;
          return own(signal);
        });
    },
  };
}
