/** Small clips for backtests, in the containers that people have. */
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type ClipJob, replayClip } from '../../src/backtest/replay.ts';
import { type CameraConfig, cameraConfig } from '../../src/config/schema.ts';
import { findFfmpeg } from '../../src/ffmpeg/build.ts';
import { type ClipOptions, makeClip, runBundledFfmpeg } from '../helpers/clips.ts';

export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'framegate-backtest-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A box crosses a still, slightly noisy picture in these intervals. */
export const VISIT: ClipOptions = { seconds: 30, gop: 10, fps: 10, noise: 4, motion: [[14, 18]] };

/** Puts a made clip into a file of this name; times are those of its frames. */
export async function container(name: string, options: ClipOptions, args: readonly string[] = []): Promise<string> {
  const { file, fps } = await makeClip(options);
  const path = join(folder(), name);
  await runBundledFfmpeg(['-framerate', String(fps), '-i', file, '-c', 'copy', ...args, path]);
  return path;
}

export async function cutOff(file: string, share: number): Promise<string> {
  const bytes = await readFile(file);
  const path = file.replace(/(\.\w+)$/, '-cut$1');
  await writeFile(path, bytes.subarray(0, Math.floor(bytes.length * share)));
  return path;
}

export function settings(overrides: object = {}): CameraConfig {
  return cameraConfig.parse({ url: 'rtsp://clip.invalid/', ...overrides });
}

export async function replay(file: string, variants: readonly CameraConfig[], job: Partial<ClipJob> = {}) {
  const build = await findFfmpeg();
  return replayClip(
    { file, build, variants, wantsDetail: false, ...job },
    () => undefined,
    new AbortController().signal,
  );
}

export { runBundledFfmpeg };
