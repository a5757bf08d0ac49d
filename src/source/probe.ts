import type { NutStream } from '../ffmpeg/nut.ts';
import { LinkedAbort } from '../lib/abort.ts';
import { FramegateError } from '../lib/errors.ts';
import { ptsSeconds } from './access-unit.ts';
import { createReceiver, type Receiver, type ReceiverOptions } from './receive.ts';

export interface StreamInfo {
  /** As FFmpeg names it: `h264`, `hevc`, `mjpeg`. */
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  /** Frames per second, from the timestamps; undefined with fewer than two frames. */
  readonly fps: number | undefined;
  /** Seconds from keyframe to keyframe; undefined when fewer than two came. */
  readonly gopSeconds: number | undefined;
  /** Bits per second. */
  readonly bitrate: number;
  /** What received it. */
  readonly transport: Receiver['transport'];
}

const CODECS: Readonly<Record<string, string>> = {
  avc1: 'h264',
  h264: 'h264',
  hevc: 'hevc',
  hev1: 'hevc',
  hvc1: 'hevc',
  mjpg: 'mjpeg',
};

/**
 * Opens a stream, watches it until its third keyframe but at most `watchMs`, and tells what it is.
 * @throws ERR_SOURCE_* as a receiver does; ERR_SOURCE_STALLED when nothing comes within `watchMs`.
 */
export async function probeStream(
  options: Omit<ReceiverOptions, 'stallTimeoutMs'> & { readonly watchMs: number },
  signal: AbortSignal,
): Promise<StreamInfo> {
  using link = new LinkedAbort(signal, options.watchMs);
  const seen: Seen[] = [];
  let stream: NutStream | undefined;
  // The stall watchdog ends just before the watch does, so that silence is told as such.
  const receiver = createReceiver({ ...options, stallTimeoutMs: options.watchMs * 0.95 });
  for await (const unit of receiver.receive(link.signal)) {
    stream = unit.stream;
    seen.push({ seconds: ptsSeconds(unit.stream, unit.pts), key: unit.key, bytes: unit.data.length });
    if (seen.filter(({ key }) => key).length >= 3) break;
  }
  return { ...summarise(stream, seen), transport: receiver.transport };
}

interface Seen {
  readonly seconds: number;
  readonly key: boolean;
  readonly bytes: number;
}

function summarise(stream: NutStream | undefined, seen: readonly Seen[]): Omit<StreamInfo, 'transport'> {
  const first = seen[0];
  const last = seen.at(-1);
  if (!stream || !first || !last) {
    throw new FramegateError('ERR_SOURCE_STALLED', 'no frame came', { hint: 'check that the camera streams at all' });
  }
  const seconds = last.seconds - first.seconds;
  // Medians, because the first packets of a session come in a burst with unreliable timestamps.
  const interval = median(seen.slice(1).map((unit, index) => unit.seconds - (seen[index]?.seconds ?? 0)));
  const keys = seen.flatMap(({ key }, index) => (key ? [index] : []));
  const gop = median(keys.slice(1).map((key, index) => key - (keys[index] ?? 0)));
  return {
    codec: CODECS[stream.fourcc.toLowerCase()] ?? stream.fourcc.toLowerCase(),
    width: stream.width,
    height: stream.height,
    fps: interval ? Math.round(10 / interval) / 10 : undefined,
    gopSeconds: gop && interval ? Math.round(gop * interval * 100) / 100 : undefined,
    bitrate: seconds > 0 ? Math.round((seen.reduce((sum, { bytes }) => sum + bytes, 0) * 8) / seconds) : 0,
  };
}

function median(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}
