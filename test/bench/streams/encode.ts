import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { HEIGHT, SCENE_FPS, WIDTH } from './image.ts';
import type { Kind } from './kinds.ts';

export interface Encoding {
  readonly kind: Kind;
  readonly file: string;
}

/**
 * Codes one scene in several ways at once, as Annex B byte streams with one slice a picture and no B-frames.
 * @param images pictures of the scene at `SCENE_FPS`, planar YUV 4:2:0.
 */
export async function encode(images: AsyncIterable<Uint8Array>, encodings: readonly Encoding[]): Promise<void> {
  const input = ['-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-video_size', `${WIDTH}x${HEIGHT}`];
  const outputs = encodings.flatMap(({ kind, file }, index) => ['-map', `[v${index}]`, ...coding(kind), '-y', file]);
  const args = ['-v', 'error', ...input, '-framerate', String(SCENE_FPS), '-i', 'pipe:0'];
  const child = spawn('ffmpeg', [...args, '-filter_complex', graph(encodings), ...outputs], {
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  const closed = once(child, 'close');
  // A child that dies is told by its exit code below.
  child.stdin.on('error', () => undefined);
  for await (const image of images) {
    if (child.exitCode !== null || !child.stdin.writable) break;
    if (!child.stdin.write(image)) await Promise.race([once(child.stdin, 'drain'), closed]);
  }
  child.stdin.end();
  const [code] = await closed;
  if (code !== 0) throw new Error(`ffmpeg could not make the streams, it exited with ${code}; it needs libx264`);
}

/** Scales once for each size, and adds the noise of a sensor once for each sensor. */
function graph(encodings: readonly Encoding[]): string {
  const looks = new Map<string, number[]>();
  for (const [index, { kind }] of encodings.entries()) {
    const look = `fps=${kind.fps},scale=${kind.width}:${kind.height}:flags=bicubic,${kind.sensor}`;
    looks.set(look, [...(looks.get(look) ?? []), index]);
  }
  const inputs = [...looks.keys()].map((_, index) => `[s${index}]`);
  const chains = [...looks].map(([look, users], index) => {
    const labels = users.map((user) => `[v${user}]`).join('');
    return `[s${index}]${look},split=${users.length}${labels}`;
  });
  return [`[0:v]split=${inputs.length}${inputs.join('')}`, ...chains].join(';');
}

function coding({ gop, rate }: Kind): string[] {
  const structure = ['-g', String(gop), '-keyint_min', String(gop), '-sc_threshold', '0', '-bf', '0'];
  // Threads by frame: zero latency means slices otherwise, and a camera's encoder makes one slice.
  const x264 = ['-preset', 'veryfast', '-tune', 'zerolatency', '-x264-params', 'sliced-threads=0:threads=2'];
  return ['-c:v', 'libx264', '-pix_fmt', 'yuv420p', ...x264, ...structure, ...rate, '-f', 'h264'];
}
