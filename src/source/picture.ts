import { pictureArguments } from '../ffmpeg/arguments.ts';
import type { FfmpegBuild } from '../ffmpeg/build.ts';
import { FfmpegChild } from '../ffmpeg/child.ts';
import { FramegateError } from '../lib/errors.ts';
import type { AccessUnit } from './access-unit.ts';
import { countedHeader, countedPacket } from './decode/count.ts';
import type { Picture } from './frame.ts';

/**
 * Decodes the last of `units` at full resolution, in a child that lives only for it.
 * @param units from a keyframe up to the wanted picture, as the ring keeps them.
 * @throws ERR_PICTURE_GONE when `units` is empty, ERR_PICTURE_FAILED when nothing comes out or `signal` aborts first.
 */
export async function decodePicture(
  build: FfmpegBuild,
  units: readonly AccessUnit[],
  signal: AbortSignal,
): Promise<Picture> {
  const wanted = units.at(-1);
  if (!wanted) throw new FramegateError('ERR_PICTURE_GONE', 'the frame is no longer in memory');
  await using ffmpeg = await FfmpegChild.start(build, pictureArguments(build));
  const stop = () => ffmpeg.stdout.destroy();
  signal.addEventListener('abort', stop, { once: true });
  const parts: Buffer[] = [];
  try {
    if (!signal.aborted) {
      ffmpeg.stdin.write(countedHeader(wanted.stream));
      for (const [index, unit] of units.entries()) {
        for (const part of countedPacket(unit, index, unit === wanted)) ffmpeg.stdin.write(part);
      }
      ffmpeg.stdin.end();
      for await (const chunk of ffmpeg.stdout as AsyncIterable<Buffer>) parts.push(chunk);
    }
  } catch (cause) {
    throw new FramegateError('ERR_PICTURE_FAILED', 'the frame could not be decoded in time', { cause });
  } finally {
    signal.removeEventListener('abort', stop);
  }
  if (parts.length === 0) throw new FramegateError('ERR_PICTURE_FAILED', 'the frame could not be decoded');
  return { jpeg: Buffer.concat(parts), at: wanted.at, time: wanted.time };
}
