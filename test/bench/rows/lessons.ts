/**
 * How a camera is learnt: it rests, people walk by, and it goes over to what is measured.
 */
import { sleep } from '../../../src/lib/abort.ts';
import type { KindName } from '../streams/kinds.ts';
import type { Recording } from '../streams/streams.ts';
import type { Stage } from './stage.ts';

/** Of one camera. */
export interface Lesson {
  readonly camera: number;
  readonly learn: Recording;
  /** What it plays afterwards. */
  readonly plays: Recording;
  /** Seconds from the start of the stage to the first walk's recording. */
  readonly startsAt: number;
}

interface Pupil {
  readonly camera: number;
  readonly plays: Recording;
  /** Subjects that learn this camera. */
  readonly learners: number;
}

/** Before the first walk: what a gateway wants to see of a new camera, and what packets of the empty scene are like. */
const REST_SECONDS = 15;
const REST_GOPS = 5;
/** After the last one, at least. */
const SETTLE_GOPS = 3;
/** What never rests takes longer to be known. */
const NUISANCE_SETTLE_SECONDS = 60;
/** Cameras that learn at once decode nearly all the time: so many of them take half of two cores. */
const AT_ONCE = 16;
/** Fewer are spread over the time from one walk to the next. */
const SPREAD_SECONDS = 11;

/** Who learns when: cameras with long GOPs first, because they take longest. */
export function lessonsOf(pupils: readonly Pupil[], learnOf: (kind: KindName) => Recording): Lesson[] {
  const total = pupils.reduce((sum, { learners }) => sum + learners, 0);
  let offset = 0;
  return pupils
    .filter(({ learners }) => learners > 0)
    .map((pupil) => ({ ...pupil, learn: learnOf(pupil.plays.name) }))
    .sort((a, b) => b.learn.seconds - a.learn.seconds)
    .map(({ camera, plays, learn, learners }) => {
      const startsAt = Math.max(REST_SECONDS, REST_GOPS * learn.gopSeconds) + offset;
      offset += learners * (total > AT_ONCE ? learn.seconds / AT_ONCE : SPREAD_SECONDS / total);
      return { camera, learn, plays, startsAt };
    });
}

/**
 * Starts the trials and teaches those that learn. The others start last, because they cost much and learn nothing but the background.
 * @param warmUp seconds of rest afterwards; longer where GOPs are long or something never rests.
 */
export async function teach(stage: Stage, warmUp: number, signal: AbortSignal): Promise<void> {
  await stage.start(({ subject }) => subject.learns);
  await Promise.all(stage.lessons.map((lesson) => attend(lesson, stage, signal)));
  if (signal.aborted) return;
  await stage.start(() => true);
  const settles = stage.lessons.map(({ learn: { gopSeconds, kind } }) =>
    Math.max(SETTLE_GOPS * gopSeconds, kind.scene === 'plain' ? 0 : NUISANCE_SETTLE_SECONDS),
  );
  await sleep(Math.max(warmUp, ...settles) * 1000, signal);
}

async function attend({ camera, learn, plays, startsAt }: Lesson, { cameras }: Stage, signal: AbortSignal) {
  await sleep(startsAt * 1000, signal);
  if (signal.aborted) return;
  await cameras.switchTo(camera, learn.file);
  // The switch waits for the end of the GOP, which is that of the recording.
  await sleep((learn.seconds - learn.gopSeconds / 2) * 1000, signal);
  if (!signal.aborted) await cameras.switchTo(camera, plays.file);
}
