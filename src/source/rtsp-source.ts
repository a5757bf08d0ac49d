import type { FfmpegBuild } from '../ffmpeg/build.ts';
import { LinkedAbort } from '../lib/abort.ts';
import { BoundedQueue } from '../lib/bounded-queue.ts';
import { together } from '../lib/together.ts';
import type { AccessUnit } from './access-unit.ts';
import type { DecodeConfig } from './config.ts';
import type { LumaFrame } from './frame.ts';
import { GopRing } from './gop-ring.ts';
import { LumaDecoder } from './luma-decoder.ts';
import { decodePicture } from './picture.ts';
import { receive } from './receive.ts';
import type { Source } from './source.ts';

/** Two GOPs of 10 s at 12 Mbit/s. */
const RING_BYTES = 32 * 1024 * 1024;
/** Frames that may wait for motion: more than a second of them means that the machine is overloaded. */
const FRAME_QUEUE = 8;

export interface RtspSourceOptions {
  /** Asked at the start of each session, so that an ffmpeg that was missing is found once it is installed. */
  readonly findFfmpeg: () => Promise<FfmpegBuild>;
  readonly url: string;
  readonly decode: DecodeConfig;
  /** Told of each access unit that arrived, and of each that was lost on purpose. */
  readonly observer: SourceObserver;
}

export interface SourceObserver {
  received(bytes: number): void;
  dropped(reason: 'decoder_busy' | 'motion_busy'): void;
}

/**
 * A camera over RTSP: one ffmpeg child receives the stream undecoded, a second one decodes it for motion. Full-resolution pictures come
 * from the compressed pictures that are kept in memory.
 */
export function createRtspSource({ findFfmpeg, url, decode, observer }: RtspSourceOptions): Source {
  let ring = new GopRing(RING_BYTES);

  /** One session: receives and decodes until the camera, a child or `signal` ends it. */
  async function session(queue: BoundedQueue<LumaFrame>, signal: AbortSignal): Promise<void> {
    const build = await findFfmpeg();
    ring = new GopRing(RING_BYTES);
    using link = new LinkedAbort(signal);
    const units = receive({ build, url, stallTimeoutMs: decode.stallTimeout }, link.signal);
    try {
      const first = await units.next();
      if (first.done) return;
      await using decoder = await LumaDecoder.open(build, first.value, decode);
      const take = (unit: AccessUnit) => {
        observer.received(unit.data.length);
        ring.push(unit);
        if (!decoder.write(unit)) observer.dropped('decoder_busy');
      };
      const receiveAll = async () => {
        take(first.value);
        for await (const unit of units) take(unit);
      };
      const decodeAll = async (ended: AbortSignal) => {
        for await (const frame of decoder.frames(ended)) if (queue.push(frame)) observer.dropped('motion_busy');
      };
      await together(link.signal, receiveAll, (ended) => decodeAll(ended).finally(() => link.abort()));
    } finally {
      link.abort();
      await units.return();
    }
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

    capture(moment) {
      const units = ring.upTo(moment.at);
      return async (signal) => decodePicture(await findFfmpeg(), units, signal);
    },
  };
}
