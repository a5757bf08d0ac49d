import { createInterface } from 'node:readline';
import { cameraFailure } from '../lib/camera-failure.ts';
import { FramegateError } from '../lib/errors.ts';
import { Watchdog } from '../lib/watchdog.ts';
import { recordArguments } from './arguments.ts';
import type { FfmpegBuild } from './build.ts';
import { FfmpegChild, type FfmpegExit } from './child.ts';
import { explainExit } from './complaints.ts';
import { openUrlHandover } from './url-handover.ts';

/** The program needs so long to write the end of a file. */
const FINISH_MS = 10_000;

export interface RecordOptions {
  readonly build: FfmpegBuild;
  /** With credentials, percent-encoded. */
  readonly url: string;
  /** Must not exist. Its ending, .mp4 or .mkv, says which container it becomes. */
  readonly file: string;
  readonly durationMs: number;
  readonly audio: boolean;
  /** Texts that are blotted out of what the program says. */
  readonly secrets: readonly string[];
  /** Without anything new from the camera for this long it throws ERR_SOURCE_STALLED, in ms. */
  readonly stallTimeoutMs: number;
  readonly onProgress: (recorded: Recorded) => void;
}

export interface Recorded {
  readonly seconds: number;
  readonly bytes: number;
}

/**
 * Writes a stream to a file as it is, over a session of its own. Resolves when `durationMs` are written or `signal` aborts; the file can be
 * played then, and also after a failure. Throws ERR_SOURCE_*, ERR_FFMPEG_* or ERR_DISK_FULL.
 */
export async function recordStream(options: RecordOptions, signal: AbortSignal): Promise<Recorded> {
  const { build, url, secrets, durationMs, stallTimeoutMs } = options;
  await using handover = await openUrlHandover(url);
  await using ffmpeg = await FfmpegChild.start(build, recordArguments(handover.url, options), [
    handover.url,
    ...secrets,
  ]);
  const recorded = { seconds: 0, bytes: 0 };
  let isStalled = false;
  const finish = () => ffmpeg.finish(FINISH_MS);
  using watchdog = new Watchdog(stallTimeoutMs, () => {
    isStalled = true;
    finish();
  });
  const limit = setTimeout(finish, durationMs + stallTimeoutMs);
  signal.addEventListener('abort', finish, { once: true });
  if (signal.aborted) finish();
  try {
    for await (const line of createInterface({ input: ffmpeg.stdout })) {
      const [key, value] = line.split('=');
      // The name of the second is older than its unit: both are microseconds.
      if (key === 'out_time_us' || key === 'out_time_ms') {
        const seconds = Math.max(0, Number(value) / 1e6 || 0);
        if (seconds > recorded.seconds) watchdog.feed();
        recorded.seconds = Math.max(recorded.seconds, seconds);
      } else if (key === 'total_size') recorded.bytes = Math.max(recorded.bytes, Number(value) || 0);
      else if (key === 'progress') options.onProgress({ ...recorded });
    }
    const exit = await ffmpeg.exited;
    if (isStalled) throw cameraFailure(recorded.bytes > 0 ? 'stopped' : 'noPicture', { afterMs: stallTimeoutMs });
    const isWhole = recorded.seconds * 1000 >= durationMs - 1000;
    if (!signal.aborted && (!isWhole || exit.code !== 0)) throw explainFailure(exit, options.file);
    return recorded;
  } finally {
    clearTimeout(limit);
    signal.removeEventListener('abort', finish);
  }
}

function explainFailure(exit: FfmpegExit, file: string): FramegateError {
  const text = exit.complaints.join('\n');
  if (/No space left/i.test(text)) {
    return new FramegateError('ERR_DISK_FULL', `no space left to write ${file}`, {
      hint: 'what was recorded before can be played',
    });
  }
  if (/could not find tag for codec|codec not currently supported in container/i.test(text)) {
    return new FramegateError('ERR_SOURCE_UNSUPPORTED', 'what the camera sends does not fit into an mp4 file', {
      hint: 'name a file that ends with .mkv: --out FILE.mkv',
      retryable: false,
    });
  }
  return explainExit(exit);
}
