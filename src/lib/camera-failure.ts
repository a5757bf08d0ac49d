import { type ErrorCode, FramegateError, systemErrorCode } from './errors.ts';

/** How a camera can fail, in words for the person who set it up; the same whichever transport found out. */
const FAILURES = {
  unauthorized: [
    'ERR_SOURCE_UNAUTHORIZED',
    'the camera refuses the user name or password',
    'correct them in the camera’s url',
  ],
  unknownStream: [
    'ERR_SOURCE_NOT_FOUND',
    'the camera has no stream of this name',
    'correct the path in the camera’s url',
  ],
  refused: [
    'ERR_SOURCE_REFUSED',
    'nothing listens at the camera’s address',
    'check host and port, and that RTSP is switched on in the camera',
  ],
  unknownHost: ['ERR_SOURCE_REFUSED', 'the camera’s host name is unknown', 'correct the host in the camera’s url'],
  noNameServer: [
    'ERR_SOURCE_REFUSED',
    'the camera’s host name cannot be looked up',
    'check the name server, or use the camera’s address',
  ],
  silentAddress: ['ERR_SOURCE_REFUSED', 'the camera’s address does not answer', 'check its power, load and network'],
  unreachable: ['ERR_SOURCE_REFUSED', 'the camera cannot be reached', 'check its power and network'],
  hangsUp: ['ERR_SOURCE_REFUSED', 'the camera hangs up at once', 'lower its number of viewers, or restart it'],
  fault: [
    'ERR_SOURCE_REFUSED',
    'the camera answers with a fault of its own',
    'restart the camera, or lower its number of viewers',
  ],
  silent: [
    'ERR_SOURCE_STALLED',
    'the camera accepts the connection but sends nothing',
    'check its power, load and network',
  ],
  noPicture: [
    'ERR_SOURCE_STALLED',
    'the camera answers but no picture comes',
    'check that the stream has video and that not too many watch it',
  ],
  stopped: ['ERR_SOURCE_STALLED', 'the camera stopped sending', 'check its load and network'],
  noVideo: ['ERR_SOURCE_NO_VIDEO', 'the stream has no video', 'choose a stream with video in the camera’s url'],
  noTcp: ['ERR_SOURCE_UNSUPPORTED', 'the camera does not send over TCP', 'allow RTP over RTSP (TCP) in the camera'],
  noRtsp: [
    'ERR_SOURCE_UNSUPPORTED',
    'what answers there is no RTSP camera',
    'correct host, port and path in the camera’s url',
  ],
  noTls: [
    'ERR_SOURCE_UNSUPPORTED',
    'what answers there does not speak TLS',
    'correct the port, or begin the camera’s url with rtsp://',
  ],
  otherCodec: [
    'ERR_SOURCE_UNSUPPORTED',
    'the stream is neither H.264 nor H.265',
    'choose one of them in the camera, or set its transport to auto',
  ],
  otherDialect: [
    'ERR_SOURCE_UNSUPPORTED',
    'the camera answers in a way that only ffmpeg may understand',
    'set its transport to auto',
  ],
  garbled: [
    'ERR_SOURCE_ENDED',
    'the camera sends bytes that mean nothing',
    'restart the camera, or update its firmware',
  ],
  ended: ['ERR_SOURCE_ENDED', 'the camera ended the stream', undefined],
} as const satisfies Readonly<Record<string, readonly [code: ErrorCode, what: string, hint: string | undefined]>>;

export type CameraFailure = keyof typeof FAILURES;

/** @param details.afterMs how long was waited, for what is told by waiting. */
export function cameraFailure(
  failure: CameraFailure,
  details: { readonly cause?: unknown; readonly afterMs?: number } = {},
): FramegateError {
  const [code, what, hint] = FAILURES[failure];
  const { cause, afterMs } = details;
  return new FramegateError(code, afterMs === undefined ? what : `${what} (${afterMs / 1000}s)`, {
    cause,
    ...(hint !== undefined && { hint }),
  });
}

/** What the error of a connection that could not be opened means. */
export function connectFailure(cause: unknown): FramegateError {
  return cameraFailure(CONNECT_FAILURES[systemErrorCode(cause) ?? ''] ?? 'unreachable', { cause });
}

const CONNECT_FAILURES: Readonly<Record<string, CameraFailure>> = {
  ECONNREFUSED: 'refused',
  ENOTFOUND: 'unknownHost',
  EAI_AGAIN: 'noNameServer',
};
