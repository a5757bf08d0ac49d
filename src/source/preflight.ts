import { connect } from 'node:net';
import { cameraFailure, connectFailure } from '../lib/camera-failure.ts';
import { formatRequest } from '../rtsp/messages.ts';
import { cameraAddress, USER_AGENT } from './camera-address.ts';

/**
 * Asks the camera for its OPTIONS, the harmless first word of RTSP. Tells a camera that is off, wrong or hung at once and in plain words, and
 * keeps ffmpeg from it: a build of 2018 that is redirected to a dead address tries again without pause.
 *
 * @throws ERR_SOURCE_REFUSED, ERR_SOURCE_STALLED or ERR_SOURCE_UNSUPPORTED.
 */
export async function preflight(url: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
  const { host, port, isTls, uri } = cameraAddress(url);
  const socket = connect({ host, port });
  const stop = () => socket.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.setTimeout(timeoutMs, () => {
        if (socket.connecting) reject(cameraFailure('silentAddress'));
        else reject(cameraFailure('silent', { afterMs: timeoutMs }));
      });
      socket.once('error', (cause) => reject(connectFailure(cause)));
      socket.once('close', () => (signal.aborted ? resolve() : reject(cameraFailure('hangsUp'))));
      socket.once('connect', () => {
        if (isTls) resolve();
        else socket.write(formatRequest('OPTIONS', uri, { CSeq: '1', 'User-Agent': USER_AGENT }));
      });
      socket.once('data', (data) => {
        if (data.toString('latin1', 0, 5) === 'RTSP/') resolve();
        else reject(cameraFailure('noRtsp'));
      });
    });
  } finally {
    signal.removeEventListener('abort', stop);
    socket.destroy();
  }
}
