import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, rename, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import installer from '@ffmpeg-installer/ffmpeg';

/** The ffmpeg of the `@ffmpeg-installer/ffmpeg` package: there wherever Node and npm are. */
export const bundledFfmpeg: string = installer.path;

export interface ClipOptions {
  readonly codec?: 'h264' | 'h265';
  readonly width?: number;
  readonly height?: number;
  readonly fps?: number;
  /** Frames from one keyframe to the next. */
  readonly gop?: number;
  readonly seconds?: number;
  /**
   * `everywhere`, the default: ffmpeg's moving test pattern. `none`: a still picture. Intervals `[start, end]` in seconds: a still
   * picture through which a bright box, a fifth of the picture high, moves from left to right in each of them.
   */
  readonly motion?: 'everywhere' | 'none' | ReadonlyArray<readonly [start: number, end: number]>;
  /** Strength of the sensor noise, 0 (the default) to 100; 6 is a camera by day, 14 one at night. */
  readonly noise?: number;
  /** Slices per picture, default 1. */
  readonly slices?: number;
  /** An access unit delimiter before every picture, default false. */
  readonly delimiters?: boolean;
}

export interface Clip extends Required<ClipOptions> {
  /** An Annex B byte stream without B-frames. */
  readonly file: string;
  readonly frames: number;
}

/** Makes a small test stream with the bundled ffmpeg; made once per set of options and machine. */
export async function makeClip(options: ClipOptions = {}): Promise<Clip> {
  const clip = {
    codec: 'h264',
    width: 320,
    height: 240,
    fps: 10,
    gop: 10,
    seconds: 2,
    motion: 'everywhere',
    noise: 0,
    slices: 1,
    delimiters: false,
    ...options,
  } as const satisfies ClipOptions;
  const frames = Math.round(clip.seconds * clip.fps);
  const args = [...picture(clip), '-frames:v', String(frames), ...encoder(clip)];
  const directory = join(tmpdir(), `framegate-clips-${process.getuid?.() ?? 'test'}`);
  const name = `${createHash('sha256').update(args.join('\n')).digest('hex').slice(0, 16)}.${clip.codec}`;
  const file = join(directory, name);
  await mkdir(directory, { recursive: true });
  const exists = await stat(file).then(
    () => true,
    () => false,
  );
  if (!exists) {
    const partial = `${file}.${process.pid}-${performance.now()}`;
    await runBundledFfmpeg([...args, '-y', partial]);
    await rename(partial, file);
  }
  return { ...clip, frames, file };
}

/** Runs the bundled ffmpeg to its end and resolves with what it wrote to stdout; rejects with its last words if it fails. */
export async function runBundledFfmpeg(args: readonly string[], stdin?: Buffer): Promise<Buffer> {
  const child = spawn(bundledFfmpeg, ['-hide_banner', '-loglevel', 'error', ...args]);
  const output: Buffer[] = [];
  const complaints: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk));
  // ffmpeg may stop reading before the end, which is no failure.
  child.stdin.on('error', () => undefined).end(stdin);
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`ffmpeg exited with ${code}: ${Buffer.concat(complaints)}`);
  return Buffer.concat(output);
}

type Settled = Required<ClipOptions>;

function picture({ width, height, fps, motion, noise }: Settled): string[] {
  const size = `s=${width}x${height}:r=${fps}`;
  const grain = noise === 0 ? 'null' : `noise=all_seed=1:alls=${noise}:allf=t`;
  if (motion === 'everywhere') return ['-f', 'lavfi', '-i', `testsrc2=${size}`, '-vf', grain];
  const visits = motion === 'none' ? [] : motion;
  const box = Math.round(height / 10) * 2;
  const steps = visits.map(([start, end], index) => {
    const x = `-w+(W+w)*(t-${start})/${end - start}`;
    const input = index === 0 ? '[0]' : `[v${index}]`;
    return `${input}[${index + 1}]overlay=x='${x}':y=H/2-h/2:enable='between(t,${start},${end})'[v${index + 1}]`;
  });
  const boxes = visits.flatMap(() => ['-f', 'lavfi', '-i', `color=white:s=${box}x${box}:r=${fps}`]);
  const last = visits.length === 0 ? '[0]' : `[v${visits.length}]`;
  const graph = [...steps, `${last}${grain}`].join(';');
  return ['-f', 'lavfi', '-i', `smptebars=${size}`, ...boxes, '-filter_complex', graph];
}

function encoder({ codec, gop, slices, delimiters }: Settled): string[] {
  const common = `keyint=${gop}:min-keyint=${gop}:scenecut=0:bframes=0:slices=${slices}:aud=${delimiters ? 1 : 0}`;
  const pixels = ['-pix_fmt', 'yuv420p', '-crf', '28', '-preset', 'ultrafast', '-tune', 'zerolatency'];
  if (codec === 'h264') {
    const params = `${common}:sliced-threads=0:threads=1`;
    return ['-c:v', 'libx264', ...pixels, '-x264-params', params, '-f', 'h264'];
  }
  const params = `${common}:open-gop=0:pools=1:frame-threads=1:repeat-headers=1:log-level=error`;
  return ['-c:v', 'libx265', ...pixels, '-x265-params', params, '-f', 'hevc'];
}
