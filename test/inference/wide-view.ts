/**
 * Recordings of people, shown small in the view of a camera that sees much: real people, a real picture around them, by day and as a camera's sensor
 * sees it by night (infrared light, gain, noise). Coded as a camera codes it.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inspectClip } from '../../src/backtest/clip-info.ts';
import { readClip } from '../../src/backtest/read-clip.ts';
import { createFfmpegFinder } from '../../src/ffmpeg/build.ts';
import type { Box } from '../../src/lib/box.ts';
import type { AccessUnit } from '../../src/source/access-unit.ts';

const run = promisify(execFile);

const FPS = 5;
/** The wide picture, and where the recording is in it. */
const WIDE = { width: 2560, height: 1440 };
const PLACE = { left: 1300, top: 700 };

const LIGHT = {
  day: 'noise=alls=5:allf=t',
  // A seventh of the light is left, and the sensor's noise is amplified with it.
  night: "hue=s=0,lutyuv=y='16+(val-16)*0.3',noise=alls=16:allf=t",
} as const;

export type Light = keyof typeof LIGHT;

export interface Scene {
  /** The recording, the part of it that is used, and a clip from which the surroundings are taken. */
  readonly clip: string;
  readonly start: number;
  readonly seconds: number;
  /** Of the recording in the wide picture, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly surroundings: string;
  readonly light: Light;
}

export interface WideView {
  readonly units: readonly AccessUnit[];
  /** File of the recording as it is, by the number of its frame. */
  plain(index: number): string;
  /** A box in the recording as one in the wide picture. */
  inWide(box: Box): Box;
}

export async function filmWideView(folder: string, scene: Scene): Promise<WideView> {
  const build = await createFfmpegFinder()();
  const { width, height } = scene;
  const file = join(folder, 'wide.mp4');
  const filter = [
    `[0:v]fps=${FPS},split=2[plain][small]`,
    `[small]scale=${width}:${height}[people]`,
    `[1:v]scale=${WIDE.width}:${WIDE.height},loop=-1:1,fps=${FPS}[wide]`,
    `[wide][people]overlay=${PLACE.left}:${PLACE.top}:shortest=1,${LIGHT[scene.light]},format=yuv420p[seen]`,
  ].join(';');
  await run(build.path, [
    ...['-y', '-loglevel', 'error', '-ss', String(scene.start), '-t', String(scene.seconds), '-i', scene.clip],
    ...['-ss', '1', '-t', '0.05', '-i', scene.surroundings, '-filter_complex', filter],
    ...['-map', '[plain]', '-q:v', '3', join(folder, 'plain-%04d.jpg')],
    ...['-map', '[seen]', '-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '30', '-g', '10', '-bf', '0', file],
  ]);
  const { signal } = new AbortController();
  const units: AccessUnit[] = [];
  for await (const unit of readClip(build, file, await inspectClip(build, file, signal), signal).units)
    units.push(unit);
  return {
    units,
    plain: (index) => join(folder, `plain-${String(index + 1).padStart(4, '0')}.jpg`),
    inWide: ([x, y, w, h]) => [
      (PLACE.left + x * width) / WIDE.width,
      (PLACE.top + y * height) / WIDE.height,
      (w * width) / WIDE.width,
      (h * height) / WIDE.height,
    ],
  };
}
