import { readFileSync } from 'node:fs';
import { createMotionDetector } from '../../src/motion/detector.ts';
import { createGate } from '../../src/motion/gate.ts';
import { runBundledFfmpeg } from '../helpers/clips.ts';
import { config } from './scene.ts';

export type Interval = readonly [start: number, end: number];

export interface Truth {
  readonly motion: readonly Interval[];
  readonly ignore: readonly Interval[];
}

export interface Judgement {
  readonly truthEvents: number;
  readonly hits: number;
  readonly falseEvents: number;
  /** Frames of an open gate farther than 1 s from any truth interval. */
  readonly framesOutside: number;
  /** Seconds from the start of each truth event that was hit to the opening of the gate. */
  readonly onsetDelays: readonly number[];
}

const HEIGHT = 180;
const FPS = 5;
const MARGIN = 1;

export function truthOf(truthFile: string, clip: string): Truth {
  const truths = JSON.parse(readFileSync(truthFile, 'utf8')) as Record<string, Truth>;
  const truth = truths[clip];
  if (!truth) throw new Error(`${truthFile} says nothing about ${clip}`);
  return truth;
}

/** Replays a recorded clip of this aspect ratio (width / height) with default settings and compares the open gate with the truth. */
export async function judge(file: string, aspect: number, truth: Truth): Promise<Judgement> {
  const width = Math.round((HEIGHT * aspect) / 2) * 2;
  const filter = `fps=${FPS},scale=${width}:${HEIGHT}`;
  const raw = await runBundledFfmpeg(['-i', file, '-vf', filter, '-pix_fmt', 'gray', '-f', 'rawvideo', '-']);
  const { events, openAt } = replay(raw, width);
  const onsetDelays = truth.motion.flatMap((interval) => {
    const event = events.find((candidate) => overlap(candidate, interval));
    return event ? [Math.max(0, Math.round((event[0] - interval[0]) * 10) / 10)] : [];
  });
  const widened = truth.motion.map(([start, end]): Interval => [start - MARGIN, end + MARGIN]);
  const tolerated = [...widened, ...truth.ignore];
  return {
    truthEvents: truth.motion.length,
    hits: onsetDelays.length,
    falseEvents: events.filter((event) => !tolerated.some((interval) => overlap(event, interval))).length,
    framesOutside: openAt.filter((seconds) => !tolerated.some(([start, end]) => seconds >= start && seconds <= end))
      .length,
    onsetDelays,
  };
}

function replay(raw: Buffer, width: number) {
  const size = width * HEIGHT;
  const detect = createMotionDetector(config());
  const gate = createGate(config());
  const events: [number, number][] = [];
  const openAt: number[] = [];
  for (let index = 0; index < raw.length / size; index += 1) {
    const seconds = index / FPS;
    const data = raw.subarray(index * size, (index + 1) * size);
    const change = gate.push(detect({ at: seconds * 1000, time: 0, width, height: HEIGHT, data }), seconds * 1000);
    if (change?.open) events.push([seconds, Number.POSITIVE_INFINITY]);
    else if (change) events.push([events.pop()?.[0] ?? 0, change.at / 1000]);
    if (gate.open) openAt.push(seconds);
  }
  return { events, openAt };
}

function overlap(a: Interval, b: Interval): boolean {
  return a[0] <= b[1] && a[1] >= b[0];
}
