import type { LumaFrame } from '../../../src/source/frame.ts';
import { runBundledFfmpeg } from '../../helpers/clips.ts';

/** Sends frames through x264 at a constant, too low bit rate and back: blocks, and a pulse at every keyframe. */
export function starved(kbps: number, gop: number, fps: number): (frames: LumaFrame[]) => Promise<LumaFrame[]> {
  return async (frames) => {
    const [first] = frames;
    if (!first) return frames;
    const { width, height } = first;
    const size = ['-s', `${width}x${height}`, '-r', String(fps)];
    const rate = ['-b:v', `${kbps}k`, '-maxrate', `${kbps}k`, '-bufsize', `${kbps}k`];
    const x264 = `threads=1:keyint=${gop}:min-keyint=${gop}:scenecut=0:bframes=0:rc-lookahead=0:mbtree=0`;
    const input = Buffer.concat(frames.map(({ data }) => data));
    const h264 = await runBundledFfmpeg(
      ['-f', 'rawvideo', '-pix_fmt', 'gray', ...size, '-i', '-', '-pix_fmt', 'yuv420p', '-c:v', 'libx264'].concat(
        '-preset',
        'veryfast',
        ...rate,
        '-x264-params',
        x264,
        '-f',
        'h264',
        '-',
      ),
      input,
    );
    const raw = await runBundledFfmpeg(['-f', 'h264', '-i', '-', '-pix_fmt', 'gray', '-f', 'rawvideo', '-'], h264);
    const bytes = width * height;
    return frames.map((frame, i) => ({ ...frame, data: raw.subarray(i * bytes, (i + 1) * bytes) }));
  };
}
