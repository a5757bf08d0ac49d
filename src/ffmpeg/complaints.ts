import { type ErrorCode, FramegateError } from '../lib/errors.ts';
import type { FfmpegExit } from './child.ts';

/** What ffmpeg says, what it means for the person who set up the camera, and whether trying again soon can help. */
const MEANINGS: ReadonlyArray<{
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  readonly what: string;
  readonly hint: string;
}> = [
  {
    pattern: /401 Unauthorized|403 Forbidden/i,
    code: 'ERR_SOURCE_UNAUTHORIZED',
    what: 'the camera refuses the user name or password',
    hint: 'correct them in the camera’s url',
  },
  {
    pattern: /404 Not Found|454|Stream Not Found/i,
    code: 'ERR_SOURCE_NOT_FOUND',
    what: 'the camera has no stream of this name',
    hint: 'correct the path in the camera’s url',
  },
  {
    pattern: /Connection refused/i,
    code: 'ERR_SOURCE_REFUSED',
    what: 'nothing listens at the camera’s address',
    hint: 'check host and port, and that RTSP is switched on in the camera',
  },
  {
    pattern: /resolve hostname|Name or service not known|Temporary failure in name/i,
    code: 'ERR_SOURCE_REFUSED',
    what: 'the camera’s host name is unknown',
    hint: 'correct the host in the camera’s url',
  },
  {
    pattern: /No route to host|Network is unreachable|timed out|Connection reset|Broken pipe/i,
    code: 'ERR_SOURCE_REFUSED',
    what: 'the camera cannot be reached',
    hint: 'check its power and network',
  },
  {
    pattern: /matches no streams|does not contain any stream/i,
    code: 'ERR_SOURCE_NO_VIDEO',
    what: 'the stream has no video',
    hint: 'choose a stream with video in the camera’s url',
  },
  {
    pattern: /461|Nonmatching transport/i,
    code: 'ERR_SOURCE_UNSUPPORTED',
    what: 'the camera does not send over TCP',
    hint: 'allow RTP over RTSP (TCP) in the camera',
  },
  {
    pattern: /Server returned 5|5\d\d (Internal|Service|Server)|5XX/i,
    code: 'ERR_SOURCE_REFUSED',
    what: 'the camera answers with a fault of its own',
    hint: 'restart the camera, or lower its number of viewers',
  },
  {
    pattern: /Invalid data found|Protocol not found|Option not found/i,
    code: 'ERR_SOURCE_UNSUPPORTED',
    what: 'what answers there is no RTSP camera',
    hint: 'correct host, port and path in the camera’s url',
  },
];

/** The error for a receiving ffmpeg that has ended, from what it wrote to stderr. */
export function explainExit(exit: FfmpegExit): FramegateError {
  const text = exit.complaints.join('\n');
  const meaning = MEANINGS.find(({ pattern }) => pattern.test(text));
  if (meaning)
    return new FramegateError(meaning.code, meaning.what, {
      hint: meaning.hint,
      cause: new FramegateError('ERR_FFMPEG_EXITED', text),
    });
  if (exit.signal) return new FramegateError('ERR_FFMPEG_EXITED', `ffmpeg was ended by ${exit.signal}`);
  if (exit.code === 0) return new FramegateError('ERR_SOURCE_ENDED', 'the camera ended the stream');
  return new FramegateError(
    'ERR_FFMPEG_EXITED',
    `ffmpeg ended with code ${exit.code}${text ? ` (${exit.complaints.at(-1)})` : ''}`,
  );
}
