/**
 * Streams as makeClip cannot make them.
 */
import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runBundledFfmpeg } from '../helpers/clips.ts';

/** Seconds at which keyframes come, and at which a box moves through the still picture. */
export const SMART_KEYFRAMES = { at: [0, 1, 2, 3, 5, 8, 28, 29, 30, 45, 46], motion: [33, 37], seconds: 48 } as const;

/** 160x120 at 10 frames a second, from a camera with a smart codec: pictures of some twenty bytes where nothing moves. */
export async function makeSmartClip(): Promise<string> {
  const { at, motion, seconds } = SMART_KEYFRAMES;
  const directory = join(tmpdir(), `framegate-clips-${process.getuid?.() ?? 'test'}`);
  const file = join(directory, `smart-${[...at, ...motion, seconds].join('-')}.h264`);
  await mkdir(directory, { recursive: true });
  if (existsSync(file)) return file;
  const [start, end] = motion;
  const x = `-w+(W+w)*(t-${start})/${end - start}`;
  const partial = `${file}.${process.pid}`;
  await runBundledFfmpeg([
    ...['-f', 'lavfi', '-i', 'smptebars=s=160x120:r=10', '-f', 'lavfi', '-i', 'color=white:s=24x24:r=10'],
    ...['-filter_complex', `[0][1]overlay=x='${x}':y=H/2-h/2:enable='between(t,${start},${end})'`],
    ...['-frames:v', String(seconds * 10), '-force_key_frames', at.join(',')],
    ...['-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-crf', '28', '-preset', 'ultrafast', '-tune', 'zerolatency'],
    ...['-x264-params', 'keyint=infinite:scenecut=0:bframes=0:sliced-threads=0:threads=1'],
    ...['-f', 'h264', '-y', partial],
  ]);
  await rename(partial, file);
  return file;
}
