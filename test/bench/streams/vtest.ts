/**
 * The clip that all activity comes from: people on a path, taken by a camera that stands still (in Debian's opencv-doc).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { IMAGE_BYTES } from './image.ts';

export const VTEST = '/usr/share/doc/opencv-doc/examples/data/vtest.avi';

/** Every twelfth of the 795 frames; nobody stands still long enough to be in half of them. */
const MEDIAN_FILTER = "select='not(mod(n,12))',tmedian=radius=33";

/** The scene without anybody in it: the median of each pixel over the clip. */
export async function emptyScene(): Promise<Uint8Array> {
  for await (const image of images(['-vf', MEDIAN_FILTER, '-frames:v', '1'])) return image;
  throw new Error(`no picture in ${VTEST}`);
}

/** `count` pictures from number `from` on. */
export function vtestImages(from: number, count: number): AsyncGenerator<Uint8Array, void, undefined> {
  return images(['-vf', `trim=start_frame=${from}:end_frame=${from + count},setpts=PTS-STARTPTS`]);
}

async function* images(args: readonly string[]): AsyncGenerator<Uint8Array, void, undefined> {
  const output = ['-fps_mode', 'passthrough', '-pix_fmt', 'yuv420p', '-f', 'rawvideo', 'pipe:1'];
  const child = spawn('ffmpeg', ['-v', 'error', '-nostdin', '-i', VTEST, ...args, ...output], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  let image = Buffer.alloc(IMAGE_BYTES);
  let filled = 0;
  try {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      for (let offset = 0; offset < chunk.length; ) {
        const copied = chunk.copy(image, filled, offset);
        filled += copied;
        offset += copied;
        if (filled < IMAGE_BYTES) continue;
        yield image;
        image = Buffer.alloc(IMAGE_BYTES);
        filled = 0;
      }
    }
  } finally {
    child.kill();
    await closed;
  }
}
