import { cameraFailure } from '../../lib/camera-failure.ts';

/**
 * Where a camera at `url` sends its client by a `Location` (RFC 2326, 11.3). User and password go along only to the same host, and not from an
 * encrypted connection to an open one, unless they stand in the location itself.
 *
 * @throws ERR_SOURCE_UNSUPPORTED when it is no RTSP URL.
 */
export function redirectedUrl(url: string, location: string): string {
  const from = new URL(url);
  if (!/^rtsps?:\/\/[^/]/i.test(location) || !URL.canParse(location)) throw cameraFailure('otherDialect');
  const to = new URL(location);
  const hasOwn = to.username !== '' || to.password !== '';
  const isSafe = to.hostname === from.hostname && (to.protocol === from.protocol || to.protocol === 'rtsps:');
  if (hasOwn || !isSafe || (from.username === '' && from.password === '')) return location;
  return location.replace(/^([a-z]+:\/\/)/i, `$1${from.username}:${from.password}@`);
}
