/**
 * The recordings, made on first use and kept in a cache folder.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type Encoding, encode } from './encode.ts';
import { KINDS, type Kind, type KindName, painterOf } from './kinds.ts';
import { sceneImages } from './scene.ts';
import {
  busyTimeline,
  eventsTimeline,
  type Interval,
  idleTimeline,
  learnTimeline,
  type Timeline,
  truthOf,
} from './timeline.ts';
import { emptyScene, VTEST } from './vtest.ts';

const TIMELINES = {
  idle: idleTimeline,
  learn: learnTimeline,
  events: eventsTimeline,
  busy: busyTimeline,
} as const satisfies Record<string, (gopSeconds: number) => Timeline>;

export type Part = keyof typeof TIMELINES;

export interface Recording {
  readonly name: KindName;
  readonly kind: Kind;
  readonly part: Part;
  readonly file: string;
  readonly seconds: number;
  readonly gopSeconds: number;
  readonly timeline: Timeline;
  /** When somebody is in the picture. */
  readonly truth: readonly Interval[];
}

export type Wanted = readonly [name: KindName, part: Part];

/** At most this many ffmpeg processes make streams at once. */
const AT_ONCE = 2;

/** Files of the cache that nobody asked for in so many days are removed. */
const KEEP_DAYS = 3;
/** The code that says what is made, but not how; what it says is in the recipe. */
const NOT_PAINTING = /^(kinds|timeline|streams)\.[jt]s$/;

/**
 * The recordings asked for, in that order. A file's name has the hash of its recipe: vtest.avi, the code that paints and encodes, the kind
 * and the timeline.
 */
export async function openRecordings(
  wanted: readonly Wanted[],
  print: (line: string) => void,
): Promise<readonly Recording[]> {
  const folder = join(tmpdir(), `framegate-bench-${process.getuid?.() ?? 'any'}`);
  await mkdir(folder, { recursive: true });
  const painting = await fingerprint();
  const recordings = wanted.map(([name, part]): Recording => {
    const kind = KINDS[name];
    const gopSeconds = kind.gop / kind.fps;
    const timeline = TIMELINES[part](gopSeconds);
    const recipe = createHash('sha256')
      .update(JSON.stringify([painting, kind, timeline]))
      .digest('hex')
      .slice(0, 12);
    const file = join(folder, `${recipe}-${name}-${part}.h264`);
    return { name, part, file, kind, timeline, gopSeconds, seconds: timeline.seconds, truth: truthOf(timeline) };
  });
  const now = new Date();
  for (const { file } of recordings) if (existsSync(file)) await utimes(file, now, now);
  for (const name of await readdir(folder)) {
    const file = join(folder, name);
    const { mtimeMs } = await stat(file);
    if (now.getTime() - mtimeMs > KEEP_DAYS * 86_400_000) await rm(file, { force: true });
  }
  const missing = recordings.filter(({ file }, index) => {
    return !existsSync(file) && recordings.findIndex((other) => other.file === file) === index;
  });
  if (missing.length > 0) await make(missing, print);
  return recordings;
}

/** Makes recordings of the same scene and timeline together, because most of the work before the encoder is the same. */
async function make(missing: readonly Recording[], print: (line: string) => void): Promise<void> {
  const groups = new Map<string, Recording[]>();
  for (const recording of missing) {
    const key = JSON.stringify([recording.kind.scene, recording.timeline]);
    groups.set(key, [...(groups.get(key) ?? []), recording]);
  }
  print(`making ${missing.length} recordings from ${basename(VTEST)}, once`);
  const startedAt = performance.now();
  const empty = await emptyScene();
  // The long ones first, so that the last ones to end are short.
  const queue = [...groups.values()].sort((a, b) => work(b) - work(a));
  const worker = async () => {
    for (let group = queue.shift(); group; group = queue.shift()) await makeGroup(group, empty);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  print(`made in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
}

async function makeGroup(group: readonly Recording[], empty: Uint8Array): Promise<void> {
  const [first] = group;
  if (!first) return;
  const encodings = group.map(({ kind, file }): Encoding => ({ kind, file: `${file}.${process.pid}` }));
  try {
    await encode(sceneImages(first.timeline, empty, painterOf(first.kind.scene)), encodings);
    for (const [index, { file }] of group.entries()) await rename(encodings[index]!.file, file);
  } finally {
    for (const { file } of encodings) await rm(file, { force: true });
  }
}

const work = (group: readonly Recording[]) => group.reduce((sum, { seconds }) => sum + seconds, 0);

async function fingerprint(): Promise<string> {
  const hash = createHash('sha256').update(await readFile(VTEST));
  const folder = new URL('.', import.meta.url);
  for (const file of (await readdir(folder)).sort()) {
    if (!NOT_PAINTING.test(file)) hash.update(await readFile(new URL(file, folder)));
  }
  return hash.digest('hex').slice(0, 12);
}
