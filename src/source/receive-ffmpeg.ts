import { receiveArguments } from '../ffmpeg/arguments.ts';
import type { FfmpegBuild } from '../ffmpeg/build.ts';
import { FfmpegChild } from '../ffmpeg/child.ts';
import { explainExit } from '../ffmpeg/complaints.ts';
import { NutReader } from '../ffmpeg/nut-reader.ts';
import { openUrlHandover } from '../ffmpeg/url-handover.ts';
import { cameraFailure } from '../lib/camera-failure.ts';
import { wallClock } from '../lib/clock.ts';
import { Watchdog } from '../lib/watchdog.ts';
import { type AccessUnit, ptsSeconds } from './access-unit.ts';
import { preflight } from './preflight.ts';
import { createStreamClock } from './stream-clock.ts';

export interface FfmpegReceiveOptions {
  readonly build: FfmpegBuild;
  /** With credentials. */
  readonly url: string;
  /** Without a packet for this long (also the first one) it throws ERR_SOURCE_STALLED, in ms. */
  readonly stallTimeoutMs: number;
}

/**
 * Receives a stream over RTSP/TCP by an ffmpeg child, without decoding it. Ends when `signal` aborts; throws ERR_SOURCE_* or ERR_FFMPEG_* when
 * the camera, or the child that speaks to it, is lost.
 */
export async function* receiveFfmpeg(
  options: FfmpegReceiveOptions,
  signal: AbortSignal,
): AsyncGenerator<AccessUnit, void, undefined> {
  const { build, url, stallTimeoutMs } = options;
  await preflight(url, stallTimeoutMs, signal);
  if (signal.aborted) return;
  await using handover = await openUrlHandover(url);
  await using ffmpeg = await FfmpegChild.start(build, receiveArguments(handover.url), [
    handover.url,
    ...secretsOf(url),
  ]);
  let stalled = false;
  using watchdog = new Watchdog(stallTimeoutMs, () => {
    stalled = true;
    ffmpeg.stdout.destroy();
  });
  const stop = () => ffmpeg.stdout.destroy();
  signal.addEventListener('abort', stop, { once: true });
  const reader = new NutReader();
  const clock = createStreamClock();
  try {
    if (signal.aborted) return;
    for await (const chunk of ffmpeg.stdout as AsyncIterable<Buffer>) {
      watchdog.feed();
      const arrivedAt = performance.now();
      for (const { pts, key, data } of reader.push(chunk)) {
        const { stream } = reader;
        if (!stream) continue;
        const at = clock(ptsSeconds(stream, pts) * 1000, arrivedAt);
        yield { stream, pts, key, data, at, time: wallClock(at) };
      }
    }
  } catch (error) {
    if (!signal.aborted && !stalled) throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
  if (signal.aborted) return;
  if (stalled) throw cameraFailure(reader.stream ? 'stopped' : 'noPicture', { afterMs: stallTimeoutMs });
  throw explainExit(await ffmpeg.exited);
}

/** Every spelling in which ffmpeg may repeat the credentials of `url` in a complaint. */
function secretsOf(url: string): string[] {
  const authority = /^[a-z]+:\/\/([^/?#]*)@/i.exec(url)?.[1];
  if (!authority) return [];
  const password = authority.slice(authority.indexOf(':') + 1);
  let decoded = password;
  try {
    decoded = decodeURIComponent(password);
  } catch {
    // not percent-encoded: the spelling above is the only one
  }
  return [authority, password, decoded];
}
