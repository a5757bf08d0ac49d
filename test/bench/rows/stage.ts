import { type Cameras, openCameras } from '../serve/cameras.ts';
import type { CameraSpec } from '../serve/protocol.ts';
import type { KindName } from '../streams/kinds.ts';
import type { Part, Recording } from '../streams/streams.ts';
import type { RunningSubject, Subject } from '../subjects/subject.ts';
import { type Lesson, lessonsOf } from './lessons.ts';

/** One subject on its cameras. */
export interface Trial {
  /** Of all trials of a run; fit for a topic and a file name. */
  readonly id: string;
  /** Row of the table it belongs to. */
  readonly row: string;
  /** Row with the references that it is compared with, if not its own. */
  readonly beside?: string;
  readonly subject: Subject;
  /** What each of its cameras plays. */
  readonly recordings: readonly Recording[];
  /** What they play in a second window, for another row. */
  readonly next?: { readonly row: string; readonly recordings: readonly Recording[] };
}

/** Trials under way, side by side on the same cameras. */
export interface Stage extends AsyncDisposable {
  readonly cameras: Cameras;
  /** What is taught, camera by camera. */
  readonly lessons: readonly Lesson[];
  /** Starts some of the trials. */
  start(which: (trial: Trial) => boolean): Promise<void>;
  /** Of trial number `trial`, which must have been started. */
  running(trial: number): RunningSubject;
  /** Number among `cameras` of the cameras of trial number `trial`. */
  cameraNumbers(trial: number): readonly number[];
}

/** Cameras start at different seconds of their recording, so that their keyframes and events do not coincide: by the golden section. */
const STAGGER = 0.618;

/**
 * Plays the cameras; those that a learning subject watches rest at first. The first camera of a recording is the same for all trials, and
 * so on.
 */
export async function openStage(
  trials: readonly Trial[],
  recording: (kind: KindName, part: Part) => Recording,
): Promise<Stage> {
  const { casts, numbersOf } = castOf(trials);
  const learners = casts.map((_, number) => {
    return trials.filter(({ subject }, index) => subject.learns && numbersOf[index]?.includes(number)).length;
  });
  const specs = casts.map(({ plays, copy }, number): CameraSpec => {
    const { file, kind, seconds, gopSeconds } = learners[number] ? recording(plays.name, 'idle') : plays;
    return { file, fps: kind.fps, gopSeconds, phase: (copy * STAGGER * seconds) % seconds };
  });
  const cameras = await openCameras(specs);
  const running: RunningSubject[] = [];
  const start = async (which: (trial: Trial) => boolean) => {
    for (const [index, trial] of trials.entries()) {
      if (running[index] || !which(trial)) continue;
      const numbers = numbersOf[index] ?? [];
      const feeds = trial.recordings.map((own, at) => ({ recording: own, url: cameras.urls[numbers[at]!]! }));
      running[index] = await trial.subject.start(feeds, trial.id);
    }
  };
  return {
    cameras,
    lessons: lessonsOf(
      casts.map(({ plays }, camera) => ({ camera, plays, learners: learners[camera] ?? 0 })),
      (kind) => recording(kind, 'learn'),
    ),
    start,
    running: (trial) => running[trial]!,
    cameraNumbers: (trial) => numbersOf[trial] ?? [],
    [Symbol.asyncDispose]: async () => {
      await Promise.all(running.map((subject) => subject[Symbol.asyncDispose]()));
      await cameras[Symbol.asyncDispose]();
    },
  };
}

interface Cast {
  readonly plays: Recording;
  /** Cameras before it that play the same. */
  readonly copy: number;
}

/** The cameras that are needed, and which of them each trial watches. */
function castOf(trials: readonly Trial[]): { readonly casts: readonly Cast[]; readonly numbersOf: number[][] } {
  const known = new Map<string, number>();
  const casts: Cast[] = [];
  const numbersOf = trials.map(({ recordings }) => {
    const used = new Map<string, number>();
    return recordings.map((plays) => {
      const copy = used.get(plays.file) ?? 0;
      used.set(plays.file, copy + 1);
      const key = `${plays.file}#${copy}`;
      const number = known.get(key) ?? casts.length;
      known.set(key, number);
      if (number === casts.length) casts.push({ plays, copy });
      return number;
    });
  });
  return { casts, numbersOf };
}
