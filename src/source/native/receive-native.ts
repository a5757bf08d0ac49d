import { LinkedAbort } from '../../lib/abort.ts';
import { cameraFailure } from '../../lib/camera-failure.ts';
import { wallClock } from '../../lib/clock.ts';
import { Watchdog } from '../../lib/watchdog.ts';
import { CLOCK_RATE } from '../../rtsp/rtp.ts';
import type { AccessUnit } from '../access-unit.ts';
import { createStreamClock } from '../stream-clock.ts';
import type { UnitMemory } from '../unit-memory.ts';
import { type AssembledUnit, Assembler, type UnitLoss } from './assembler.ts';
import { CameraSession } from './camera-session.ts';
import type { ConnectionListener } from './connection.ts';
import { createH265Depacketizer, depacketizeH264 } from './depacketizer.ts';
import { RtpReceiver } from './rtp-receiver.ts';
import type { VideoTrack } from './session-description.ts';
import { UnitQueue } from './unit-queue.ts';

export interface NativeReceiveOptions {
  /** With credentials. */
  readonly url: string;
  /** Without a packet for this long (also the first one) it throws ERR_SOURCE_STALLED, in ms. */
  readonly stallTimeoutMs: number;
  /** Told of each access unit that arrived and is not handed on; `reader_busy`: the caller did not fetch it in time, nor what it depends on. */
  readonly onLoss?: (reason: UnitLoss | 'reader_busy') => void;
  /** Where access units are put, if it shall be used again. */
  readonly unitMemory?: UnitMemory | undefined;
}

/** Some seconds of a 4K stream; what is seen later is too late to be told. */
const QUEUE = { bytes: 16 * 1024 * 1024, ms: 5000 };
/** The interval of RFC 3550; some cameras drop a client that never reports. */
const REPORT_INTERVAL_MS = 5000;
/** Longer than from keyframe to keyframe of any camera: packets that make no picture in this time never will. */
const MAX_WAIT_FOR_PICTURE_MS = 60_000;

/**
 * Receives the first video track of a camera over RTSP/TCP, H.264 or H.265, without a child process and without decoding it; over TLS from an
 * `rtsps:` URL, without a look at the certificate, as those of cameras are self-signed. What is handed on can be decoded from the first
 * access unit on. Ends when `signal` aborts.
 *
 * @throws ERR_SOURCE_*; ERR_SOURCE_UNSUPPORTED means that ffmpeg may understand this camera better.
 */
export async function* receiveNative(
  options: NativeReceiveOptions,
  signal: AbortSignal,
): AsyncGenerator<AccessUnit, void, undefined> {
  const { url, stallTimeoutMs } = options;
  using opening = new LinkedAbort(signal);
  const queue = new UnitQueue(QUEUE);
  const stop = () => queue.end();
  try {
    const { session, track } = await CameraSession.open(url, stallTimeoutMs, opening.signal);
    let hasPictures = false;
    using packets = new Watchdog(stallTimeoutMs, () => {
      queue.end(cameraFailure(hasPictures ? 'stopped' : 'noPicture', { afterMs: stallTimeoutMs }));
    });
    const pictureTimeoutMs = Math.max(MAX_WAIT_FOR_PICTURE_MS, stallTimeoutMs);
    using pictures = new Watchdog(pictureTimeoutMs, () => {
      queue.end(cameraFailure('noPicture', { afterMs: pictureTimeoutMs }));
    });
    let keepAlive: NodeJS.Timeout | undefined;
    try {
      const onUnit = (unit: AccessUnit) => {
        hasPictures = true;
        pictures.feed();
        for (let lost = queue.push(unit); lost > 0; lost -= 1) options.onLoss?.('reader_busy');
      };
      await session.play(
        track,
        listen(session, track, { queue, packets, onUnit, onLoss: options.onLoss, memory: options.unitMemory }),
      );
      // From now on there is a leave to take, which `opening` would cut off.
      opening[Symbol.dispose]();
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) return;
      // Packets tell whether the camera is there; its answer, or that there is none, tells nothing more.
      keepAlive = setInterval(() => void session.keepAlive(track).catch(() => undefined), session.keepAliveMs);
      for (let unit = await queue.take(); unit; unit = await queue.take()) yield unit;
    } finally {
      clearInterval(keepAlive);
      await session.tearDown(track);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

interface Destination {
  readonly queue: UnitQueue;
  readonly packets: Watchdog;
  readonly onUnit: (unit: AccessUnit) => void;
  readonly onLoss: NativeReceiveOptions['onLoss'];
  readonly memory: UnitMemory | undefined;
}

/** Makes access units of what comes over the connection, each with the moment at which it was captured. */
function listen(session: CameraSession, track: VideoTrack, destination: Destination): ConnectionListener {
  const { queue, packets, onUnit, onLoss, memory } = destination;
  const clock = createStreamClock();
  let arrivedAt = performance.now();
  let reportDueAt = arrivedAt + REPORT_INTERVAL_MS;
  const assembler = new Assembler({
    codec: track.codec,
    memory,
    depacketize: track.codec === 'h264' ? depacketizeH264 : createH265Depacketizer(track.hasOrder),
    parameterSets: track.parameterSets,
    onUnit: ({ stream, pts, key, data }: AssembledUnit) => {
      const at = clock((pts / CLOCK_RATE) * 1000, arrivedAt);
      onUnit({ stream, pts, key, data, at, time: wallClock(at) });
    },
    onLoss: (reason) => onLoss?.(reason),
  });
  const receiver = new RtpReceiver(session.channels, track.payloadType, assembler);
  return {
    arrived: () => {
      arrivedAt = performance.now();
      if (arrivedAt < reportDueAt) return;
      reportDueAt = arrivedAt + REPORT_INTERVAL_MS;
      const report = receiver.report();
      if (report) session.send(report);
    },
    packet: (channel, bytes, start, end) => {
      const isOurs = receiver.packet(channel, bytes, start, end);
      if (isOurs) packets.feed();
      return isOurs;
    },
    ended: (error) => queue.end(error),
  };
}
