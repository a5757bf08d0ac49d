/**
 * The recordings, made on first use and kept in a cache folder.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type Encoding, encode } from './encode.ts';
import { KINDS, type Kind, type KindName, painterOf } from './kinds.ts';
import { sceneImages } from './scene.ts';
import { busyTimeline, eventsTimeline, type Interval, idleTimeline, type Timeline, truthOf } from './timeline.ts';
import { emptyScene, VTEST } from './vtest.ts';

const TIMELINES = { idle: idleTimeline(), events: eventsTimeline(), busy: busyTimeline() } as const;

export type Part = keyof typeof TIMELINES;

export interface Recording {
  readonly name: KindName;
  readonly kind: Kind;
  readonly part: Part;
  readonly file: string;
  readonly seconds: number;
  /** When somebody is in the picture. */
  readonly truth: readonly Interval[];
}

export type Wanted = readonly [name: KindName, part: Part];

/** At most this many ffmpeg processes make streams at once. */
const AT_ONCE = 2;

/**
 * The recordings asked for, in that order. A file's name is the hash of all that it is made from: vtest.avi, the code in this folder and its
 * own settings. Files that are no longer the result of this code are removed.
 */
export async function openRecordings(
  wanted: readonly Wanted[],
  print: (line: string) => void,
): Promise<readonly Recording[]> {
  const folder = join(tmpdir(), `framegate-bench-${process.getuid?.() ?? 'any'}`);
  await mkdir(folder, { recursive: true });
  const source = await fingerprint();
  const recordings = wanted.map(([name, part]): Recording => {
    const timeline = TIMELINES[part];
    const file = join(folder, `${source}-${name}-${part}.h264`);
    return { name, part, file, kind: KINDS[name], seconds: timeline.seconds, truth: truthOf(timeline) };
  });
  for (const file of await readdir(folder)) {
    if (!file.startsWith(source)) await rm(join(folder, file), { force: true });
  }
  const missing = recordings.filter(({ file }, index) => {
    return !existsSync(file) && recordings.findIndex((other) => other.file === file) === index;
  });
  if (missing.length > 0) await make(missing, print);
  return recordings;
}

/** Makes recordings of the same scene and part together, because most of the work before the encoder is the same. */
async function make(missing: readonly Recording[], print: (line: string) => void): Promise<void> {
  const groups = new Map<string, Recording[]>();
  for (const recording of missing) {
    const key = `${recording.kind.scene} ${recording.part}`;
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
  const timeline: Timeline = TIMELINES[first.part];
  const encodings = group.map(({ kind, file }): Encoding => ({ kind, file: `${file}.${process.pid}` }));
  try {
    await encode(sceneImages(timeline, empty, painterOf(first.kind.scene)), encodings);
    for (const [index, { file }] of group.entries()) await rename(encodings[index]!.file, file);
  } finally {
    for (const { file } of encodings) await rm(file, { force: true });
  }
}

const work = (group: readonly Recording[]) => group.reduce((sum, { seconds }) => sum + seconds, 0);

async function fingerprint(): Promise<string> {
  const hash = createHash('sha256').update(await readFile(VTEST));
  const folder = new URL('.', import.meta.url);
  for (const file of (await readdir(folder)).sort()) hash.update(await readFile(new URL(file, folder)));
  return hash.digest('hex').slice(0, 12);
}
