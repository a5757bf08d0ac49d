import type { CameraConfig } from '../../config/schema.ts';
import { createFfmpegFinder } from '../../ffmpeg/build.ts';
import { LinkedAbort } from '../../lib/abort.ts';
import type { DecodeSnapshot } from '../../source/decode/decode-snapshot.ts';
import { DecoderPool } from '../../source/decode/decoder-pool.ts';
import { createRtspSource } from '../../source/rtsp-source.ts';
import { createWatch } from '../../watch.ts';

export interface DecodingTrial {
  readonly seconds: number;
  /** Frames that motion looked at, and those of them in which something moved. */
  readonly frames: number;
  readonly moving: number;
  readonly decode: DecodeSnapshot;
}

/**
 * Watches a camera as the gateway does for `watchMs`, without sending anything: tells how it would be decoded, and whether its packets tell
 * motion. Undefined when no frame came.
 * @throws ERR_SOURCE_* and ERR_FFMPEG_* when the camera is lost.
 */
export async function watchDecoding(
  camera: CameraConfig,
  ffmpegPath: string | undefined,
  watchMs: number,
  signal: AbortSignal,
): Promise<DecodingTrial | undefined> {
  const findFfmpeg = createFfmpegFinder(ffmpegPath);
  await using pool = new DecoderPool(findFfmpeg);
  using link = new LinkedAbort(signal, watchMs);
  const { url, transport, decode } = camera;
  const observer = { received: () => undefined, dropped: () => undefined };
  const source = createRtspSource({ findFfmpeg, url, transport, decode, pool, observer });
  const watch = createWatch(camera);
  const startedAt = performance.now();
  let trial: DecodingTrial | undefined;
  let frames = 0;
  let moving = 0;
  for await (const frame of source.frames(link.signal)) {
    const { look } = watch.see(frame);
    source.attend(look);
    frames += 1;
    if (look.regions.length > 0) moving += 1;
    const snapshot = source.decoding();
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    if (snapshot) trial = { seconds, frames, moving, decode: snapshot };
  }
  return trial;
}

/** Lines for people. */
export function describeTrial({ seconds, frames, moving, decode }: DecodingTrial): string {
  const wakes = Object.entries(decode.wakes)
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => `${reason} ${count}`);
  return [
    `decode:  ${decode.state}, ${decode.reason}`,
    `packets: ${decode.packets}`,
    `watched: ${seconds} s, motion in ${moving} of ${frames} frames, woken: ${wakes.join(', ')}, in vain ${decode.wakesInVain}`,
  ].join('\n');
}
