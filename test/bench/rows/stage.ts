import { type Cameras, openCameras } from '../serve/cameras.ts';
import type { CameraSpec } from '../serve/protocol.ts';
import type { Recording } from '../streams/streams.ts';
import type { RunningSubject, Subject } from '../subjects/subject.ts';

/** One subject on its cameras. */
export interface Trial {
  /** Of all trials of a run; fit for a topic and a file name. */
  readonly id: string;
  /** Row of the table it belongs to. */
  readonly row: string;
  readonly subject: Subject;
  /** What each of its cameras plays. */
  readonly recordings: readonly Recording[];
}

/** Trials under way, side by side on the same cameras. */
export interface Stage extends AsyncDisposable {
  readonly cameras: Cameras;
  readonly running: readonly RunningSubject[];
  /** Number among `cameras` of the cameras of trial number `trial`. */
  cameraNumbers(trial: number): readonly number[];
}

/** Cameras start at different seconds of their recording, so that their keyframes and events do not coincide: by the golden section. */
const STAGGER = 0.618;

/** Plays the cameras and starts the subjects. The first camera of a recording is the same for all trials, and so on. */
export async function openStage(trials: readonly Trial[]): Promise<Stage> {
  const numbers = new Map<string, number>();
  const specs: CameraSpec[] = [];
  const numbersOf = trials.map(({ recordings }) => {
    const used = new Map<string, number>();
    return recordings.map(({ file, kind, seconds }) => {
      const copy = used.get(file) ?? 0;
      used.set(file, copy + 1);
      const key = `${file}#${copy}`;
      const number = numbers.get(key) ?? specs.length;
      numbers.set(key, number);
      if (number === specs.length) specs.push({ file, fps: kind.fps, phase: (copy * STAGGER * seconds) % seconds });
      return number;
    });
  });
  const cameras = await openCameras(specs);
  const running: RunningSubject[] = [];
  const close = async () => {
    await Promise.all(running.map((subject) => subject[Symbol.asyncDispose]()));
    await cameras[Symbol.asyncDispose]();
  };
  try {
    for (const [index, { subject, recordings, id }] of trials.entries()) {
      const feeds = recordings.map((recording, at) => ({ recording, url: cameras.urls[numbersOf[index]![at]!]! }));
      running.push(await subject.start(feeds, id));
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { cameras, running, cameraNumbers: (trial) => numbersOf[trial] ?? [], [Symbol.asyncDispose]: close };
}
