import { type CameraFailure, cameraFailure } from '../lib/camera-failure.ts';
import { FramegateError } from '../lib/errors.ts';
import type { FfmpegExit } from './child.ts';

/** What ffmpeg says, and what it means. */
const MEANINGS: ReadonlyArray<readonly [pattern: RegExp, failure: CameraFailure]> = [
  [/401 Unauthorized|403 Forbidden/i, 'unauthorized'],
  [/404 Not Found|failed: 454|Stream Not Found/i, 'unknownStream'],
  [/Connection refused/i, 'refused'],
  [/resolve hostname|Name or service not known|Temporary failure in name/i, 'unknownHost'],
  [/No route to host|Network is unreachable|timed out|Connection reset|Broken pipe/i, 'unreachable'],
  [/matches no streams|does not contain any stream/i, 'noVideo'],
  [/failed: 461|Nonmatching transport/i, 'noTcp'],
  [/Server returned 5|5\d\d (Internal|Service|Server)|5XX/i, 'fault'],
  [/Invalid data found|Protocol not found|Option not found/i, 'noRtsp'],
];

/** The error for a receiving ffmpeg that has ended, from what it wrote to stderr. */
export function explainExit(exit: FfmpegExit): FramegateError {
  const text = exit.complaints.join('\n');
  const [, failure] = MEANINGS.find(([pattern]) => pattern.test(text)) ?? [];
  if (failure) return cameraFailure(failure, { cause: new FramegateError('ERR_FFMPEG_EXITED', text) });
  if (exit.signal) return new FramegateError('ERR_FFMPEG_EXITED', `ffmpeg was ended by ${exit.signal}`);
  if (exit.code === 0) return cameraFailure('ended');
  return new FramegateError(
    'ERR_FFMPEG_EXITED',
    `ffmpeg ended with code ${exit.code}${text ? ` (${exit.complaints.at(-1)})` : ''}`,
  );
}
