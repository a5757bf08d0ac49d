import type { FfmpegBuild } from '../ffmpeg/build.ts';
import type { NutStream } from '../ffmpeg/nut.ts';
import { aborted, LinkedAbort } from '../lib/abort.ts';
import { BoundedQueue } from '../lib/bounded-queue.ts';
import type { DecodeConfig, Transport } from './config.ts';
import { CameraDecode } from './decode/camera-decode.ts';
import type { DecoderKind, DecoderPool } from './decode/decoder-pool.ts';
import type { LumaFrame } from './frame.ts';
import { CAMERA_RING, GopRing } from './gop-ring.ts';
import { lumaSize } from './luma-size.ts';
import { createReceiver } from './receive.ts';
import type { Source } from './source.ts';
import { UnitMemory } from './unit-memory.ts';
import { createSceneMemory } from './wake/scene-memory.ts';

/** Frames that may wait for motion: what a replay of two long GOPs brings at once. More means that the machine is overloaded. */
const FRAME_QUEUE = 128;

export interface RtspSourceOptions {
  /** Asked at the start of each session, so that an ffmpeg that was missing is found once it is installed. */
  readonly findFfmpeg: () => Promise<FfmpegBuild>;
  readonly url: string;
  /** What receives the stream, default `auto`. */
  readonly transport?: Transport;
  readonly decode: DecodeConfig;
  /** Shared by all cameras. */
  readonly pool: DecoderPool;
  /** May be shared by all cameras, too. */
  readonly unitMemory?: UnitMemory;
  /** Told of each access unit that arrived, and of each that was lost. */
  readonly observer: SourceObserver;
}

export interface SourceObserver {
  /** A decoder died or hung; the session goes on with another one. */
  decoderReplaced?(reason: string): void;
  received(bytes: number): void;
  /** `damaged`: it arrived with gaps, or depends on one that did; `reader_busy`: the gateway did not fetch it in time. */
  dropped(reason: 'damaged' | 'reader_busy' | 'decoder_busy' | 'motion_busy'): void;
}

/**
 * A camera over RTSP: the stream is received undecoded and kept for a while; how much of it is decoded for motion, `CameraDecode` decides.
 * Full-resolution pictures come from what is kept.
 */
export function createRtspSource(options: RtspSourceOptions): Source {
  const { findFfmpeg, url, transport, decode, pool, observer, unitMemory = new UnitMemory() } = options;
  const openRing = () => new GopRing(CAMERA_RING, (memory) => unitMemory.reuse(memory));
  let ring = openRing();
  let camera: CameraDecode | undefined;
  let isPaused = false;
  const memory = createSceneMemory();
  const receiver = createReceiver({
    findFfmpeg,
    url,
    transport,
    stallTimeoutMs: decode.stallTimeout,
    unitMemory,
    onLoss: (reason) => observer.dropped(reason === 'reader_busy' ? reason : 'damaged'),
  });

  /** One session: receives and decodes until the camera, a child or `signal` ends it. */
  async function session(queue: BoundedQueue<LumaFrame>, signal: AbortSignal): Promise<void> {
    using link = new LinkedAbort(signal);
    let failure: { readonly error: unknown } | undefined;
    const fail = (error: unknown) => {
      failure ??= { error };
      link.abort();
    };
    const emit = (frame: LumaFrame) => {
      if (queue.push(frame)) observer.dropped('motion_busy');
    };
    const dropped = () => observer.dropped('decoder_busy');
    const damaged = () => observer.dropped('damaged');
    const restarted = (reason: string) => observer.decoderReplaced?.(reason);
    const parts = { config: decode, pool, memory, isPaused: () => isPaused, emit, dropped, damaged, restarted, fail };
    try {
      for await (const unit of receiver.receive(link.signal)) {
        observer.received(unit.data.length);
        if (camera && isOther(unit.stream, camera.kind)) {
          // Decoders cannot change their size, and nothing can be decoded across the change.
          await camera.close();
          camera = undefined;
        }
        if (!camera) ring = openRing();
        ring.push(unit);
        camera ??= new CameraDecode({ ...parts, ring }, unit, lumaSize(unit.stream, decode.height));
        camera.take(unit);
      }
    } finally {
      link.abort();
      await camera?.close();
      camera = undefined;
    }
    if (failure) throw failure.error;
  }

  return {
    async *frames(signal) {
      const queue = new BoundedQueue<LumaFrame>(FRAME_QUEUE);
      using link = new LinkedAbort(signal);
      const work = session(queue, link.signal).finally(() => queue.close());
      // A failure is rethrown below; until then it must not count as unhandled.
      work.catch(() => undefined);
      try {
        yield* queue;
      } finally {
        link.abort();
        await work;
      }
    },

    attend: (look) => camera?.attend(look),

    wake: (until) => camera?.wake(until),

    pause: (paused) => {
      isPaused = paused;
    },

    order: (at, area) => camera?.pictures.order(at, area),

    decoding: () => camera && { ...camera.snapshot(), transport: receiver.transport },

    capture({ at, time }, area) {
      const units = ring.upTo(at);
      const ordered = camera?.pictures.of(at);
      const luma = camera?.kind.luma ?? { width: 16, height: 16 };
      const reorders = camera?.reorders;
      return async (signal) => {
        const picture = ordered && (await unlessAborted(ordered, signal));
        return picture ? { ...picture, at, time } : pool.picture(units, luma, signal, { reorders, area });
      };
    },
  };
}

/** Undefined when `signal` aborts first. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  using link = new LinkedAbort(signal);
  return Promise.race([work, aborted(link.signal).then(() => undefined)]);
}

const isOther = ({ fourcc, width, height }: NutStream, kind: DecoderKind) =>
  fourcc !== kind.fourcc || width !== kind.width || height !== kind.height;
