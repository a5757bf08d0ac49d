import type { CameraConfig, Config } from '../../config/schema.ts';
import { FramegateError } from '../../lib/errors.ts';

/** A camera of the config. Throws ERR_USAGE. */
export function cameraOf({ cameras }: Config, id: string): CameraConfig {
  const camera = Object.hasOwn(cameras, id) ? cameras[id] : undefined;
  if (camera) return camera;
  const known = Object.keys(cameras).join(', ') || 'none yet';
  throw new FramegateError('ERR_USAGE', `there is no camera ${id}`, { hint: `known are ${known}`, retryable: false });
}
