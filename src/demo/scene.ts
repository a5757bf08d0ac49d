/**
 * The demo scene: a quiet yard through which somebody walks now and then, made once and kept as an H.264 file.
 */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { encodeH264 } from '../ffmpeg/encode.ts';
import { yard } from './scene-background.ts';
import { cutOutFigure } from './scene-figure.ts';

export interface SceneOptions {
  /** Where scenes are kept; made if missing. */
  readonly directory: string;
  /** Path of the ffmpeg program; it needs libx264. */
  readonly ffmpeg: string;
  /** Default 40. */
  readonly seconds?: number;
  /** Default 1280x720. Both even. */
  readonly width?: number;
  readonly height?: number;
  /** Default 15. */
  readonly fps?: number;
  /** Frames from one keyframe to the next, default 30. */
  readonly gop?: number;
  readonly signal: AbortSignal;
}

export interface Scene {
  /** An H.264 byte stream (Annex B) without B-frames. */
  readonly file: string;
  readonly fps: number;
  readonly width: number;
  readonly height: number;
  readonly seconds: number;
  /** `[start, end]` in seconds of the scene: when somebody is in the picture. At all other times nothing moves but noise. */
  readonly visits: ReadonlyArray<readonly [start: number, end: number]>;
}

/** Fractions of the scene: long quiet times, the first one short enough for a viewer without patience. */
const VISITS = [
  { start: 0.1, end: 0.275, to: 'right' },
  { start: 0.55, end: 0.725, to: 'left' },
] as const;
/** Height of the figure in the picture. At half of it detectors are sure: CenterNet 0.75, YOLOX-nano 0.9 in nearly every frame. */
const FIGURE_HEIGHT = 0.51;
/** Sensor noise by day, and a rate factor at which x264 spends next to nothing on it. */
const NOISE = 4;
const RATE_FACTOR = 28;

/** Makes the scene, or finds it in `directory` if it was made before. Takes some seconds and about 60 MB in an ffmpeg process. */
export async function makeScene(options: SceneOptions): Promise<Scene> {
  const { directory, ffmpeg, signal, seconds = 40, width = 1280, height = 720, fps = 15, gop = 30 } = options;
  const visits = VISITS.map(({ start, end }) => [start * seconds, end * seconds] as const);
  const figures = await Promise.all(
    VISITS.map(({ to }) => cutOutFigure(Math.round(height * FIGURE_HEIGHT), to === 'right')),
  );
  const background = yard(width, height);
  const graph = sceneGraph({ seconds, height, fps });
  const encoding = { fps, frames: Math.round(seconds * fps), gop, crf: RATE_FACTOR };
  const key = createHash('sha256').update(JSON.stringify([background, graph, encoding]));
  for (const { png } of figures) key.update(png);
  const file = join(directory, `scene-${key.digest('hex').slice(0, 16)}.h264`);
  const scene = { file, fps, width, height, seconds, visits };
  if (await exists(file)) return scene;
  await mkdir(directory, { recursive: true });
  const work = await mkdtemp(join(directory, 'making-'));
  try {
    const place = await sharp(Buffer.from(background)).removeAlpha().png().toBuffer();
    const stills = await Promise.all(
      [place, ...figures.map(({ png }) => png)].map(async (png, index) => {
        const still = join(work, `${index}.png`);
        await writeFile(still, png);
        return still;
      }),
    );
    const output = join(work, 'scene.h264');
    await encodeH264({ ffmpeg, stills, graph, output, ...encoding }, signal);
    await rename(output, file);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return scene;
}

/** The filter graph: input 0 is the yard, then one figure per visit. */
function sceneGraph({ seconds, height, fps }: Pick<Scene, 'seconds' | 'height' | 'fps'>): string {
  const still = (input: number, format: string) => `[${input}]format=${format},loop=-1:1:0,settb=1/${fps},setpts=N`;
  const steps = VISITS.map((visit, index) => {
    const [start, end] = [visit.start * seconds, visit.end * seconds];
    const done = `(t-${start})/${end - start}`;
    const x = visit.to === 'right' ? `-w+(W+w)*${done}` : `W-(W+w)*${done}`;
    // Two small steps a second; without them the figure would glide.
    const y = `${Math.round(height * 0.91)}-h-${height * 0.006}*abs(sin(2*PI*(t-${start})))`;
    const overlay = `overlay=x='${x}':y='${y}':enable='between(t,${start},${end})'`;
    return `${still(index + 1, 'yuva420p')}[figure${index}];[scene${index}][figure${index}]${overlay}[scene${index + 1}]`;
  });
  return [
    `${still(0, 'yuv420p')}[scene0]`,
    ...steps,
    `[scene${VISITS.length}]noise=c0s=${NOISE}:c0f=t:all_seed=1`,
  ].join(';');
}

function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
