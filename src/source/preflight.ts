import { connect } from 'node:net';
import { type ErrorCode, FramegateError, systemErrorCode } from '../lib/errors.ts';

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'rtsp:': 554, 'rtsps:': 322 };

/** What a failed connection means for the person who set up the camera. */
const MEANINGS: Readonly<Record<string, readonly [what: string, hint: string]>> = {
  ECONNREFUSED: [
    'nothing listens at the camera’s address',
    'check host and port, and that RTSP is switched on in the camera',
  ],
  ENOTFOUND: ['the camera’s host name is unknown', 'correct the host in the camera’s url'],
  EAI_AGAIN: ['the camera’s host name cannot be looked up', 'check the name server, or use the camera’s address'],
};

/**
 * Asks the camera for its OPTIONS, the harmless first word of RTSP. Tells a camera that is off, wrong or hung at once and in plain words, and
 * keeps ffmpeg from it: a build of 2018 that is redirected to a dead address tries again without pause.
 *
 * @throws ERR_SOURCE_REFUSED, ERR_SOURCE_STALLED or ERR_SOURCE_UNSUPPORTED.
 */
export async function preflight(url: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
  const { protocol, hostname, port, pathname, search } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const socket = connect({ host, port: port === '' ? (DEFAULT_PORTS[protocol] ?? 554) : Number(port) });
  const stop = () => socket.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      const fail = (code: ErrorCode, what: string, hint: string, cause?: unknown) =>
        reject(new FramegateError(code, what, { hint, cause }));
      socket.setTimeout(timeoutMs, () => {
        const what = socket.connecting
          ? 'the camera’s address does not answer'
          : `the camera accepts the connection but sends nothing (${timeoutMs / 1000}s)`;
        fail(
          socket.connecting ? 'ERR_SOURCE_REFUSED' : 'ERR_SOURCE_STALLED',
          what,
          'check its power, load and network',
        );
      });
      socket.once('error', (cause) => {
        const [what, hint] = MEANINGS[systemErrorCode(cause) ?? ''] ?? [
          'the camera cannot be reached',
          'check its power and network',
        ];
        fail('ERR_SOURCE_REFUSED', what, hint, cause);
      });
      socket.once('close', () =>
        fail('ERR_SOURCE_REFUSED', 'the camera hangs up at once', 'lower its number of viewers, or restart it'),
      );
      socket.once('connect', () => {
        if (protocol === 'rtsps:') resolve();
        else
          socket.write(
            `OPTIONS ${protocol}//${hostname}${port && `:${port}`}${pathname}${search} RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: Framegate\r\n\r\n`,
          );
      });
      socket.once('data', (data) => {
        if (data.toString('latin1', 0, 5) === 'RTSP/') resolve();
        else
          fail(
            'ERR_SOURCE_UNSUPPORTED',
            'what answers there is no RTSP camera',
            'correct host and port in the camera’s url',
          );
      });
    });
  } finally {
    signal.removeEventListener('abort', stop);
    socket.destroy();
  }
}
