/**
 * What is found and what is missed: everything at rest until all has been learnt, then events at known times.
 */
import type { CameraSnapshot } from '../../../src/camera-stats.ts';
import { sleep } from '../../../src/lib/abort.ts';
import { type Cost, measure } from '../measure/meter.ts';
import type { KindName } from '../streams/kinds.ts';
import type { Part, Recording } from '../streams/streams.ts';
import { cameraId, type DecodeMode, gateway, type Installation, SELDOM } from '../subjects/framegate.ts';
import type { Site } from '../subjects/site.ts';
import type { Subject } from '../subjects/subject.ts';
import { teach } from './lessons.ts';
import { type Match, match, SETTINGS } from './match.ts';
import { isTrusted } from './result.ts';
import { openStage, type Trial } from './stage.ts';

export interface EventsResult {
  readonly kind: KindName;
  readonly mode: DecodeMode;
  readonly match: Match;
  /** Whether the gateway said that it trusts packets, before the first event and after the last one. */
  readonly trusted: { readonly before: boolean; readonly after: boolean };
  /** What the gateway tells of the camera, before and after. */
  readonly statuses: ReadonlyArray<CameraSnapshot | undefined>;
}

/** CPU of a gateway with one camera over time. */
export interface Course {
  readonly mode: DecodeMode;
  readonly cost: Cost;
  readonly truth: Recording['truth'];
}

/** Cameras get their events one after the other, so that not all decoders wake at once. */
const STAGGER_SECONDS = 3.7;
/** Until the last gate is closed and the last message sent. */
const SETTLE_SECONDS = 3;

export interface EventsOutcome {
  readonly events: readonly EventsResult[];
  readonly courses: readonly Course[];
}

export interface EventsSetup {
  readonly kinds: readonly KindName[];
  readonly modes: readonly DecodeMode[];
  readonly installation: Installation;
  readonly site: Site;
  readonly recording: (kind: KindName, part: Part) => Recording;
  /** Seconds of rest before the first event, after learning. */
  readonly warmUp: number;
}

/** One gateway per mode watches all cameras. Another one per mode watches only the first camera, for the course of its cost. */
export async function runEvents(
  { kinds, modes, installation, site, recording, warmUp }: EventsSetup,
  signal: AbortSignal,
): Promise<EventsOutcome> {
  const [first] = kinds;
  if (!first) return { events: [], courses: [] };
  const trial = (id: string, subject: Subject, watched: readonly KindName[]): Trial => {
    return { id, row: 'events', subject, recordings: watched.map((kind) => recording(kind, 'idle')) };
  };
  const trials = modes.flatMap((mode) => [
    trial(`events-${mode}`, gateway(installation, mode, kinds.length, SETTINGS), kinds),
    trial(`course-${mode}`, gateway(installation, mode, 1, SELDOM), [first]),
  ]);
  await using stage = await openStage(trials, recording);
  await teach(stage, warmUp, signal);
  if (signal.aborted) return { events: [], courses: [] };
  const running = trials.map((_, index) => stage.running(index));
  const statuses = () => Promise.all(running.map((subject) => subject.status()));
  const before = await statuses();
  const zeros = new Map<KindName, number>();
  const play = async (kind: KindName, index: number) => {
    await sleep(index * STAGGER_SECONDS * 1000, signal);
    // The first trial watches all cameras in the order of the kinds.
    const camera = stage.cameraNumbers(0)[index]!;
    zeros.set(kind, await stage.cameras.switchTo(camera, recording(kind, 'events').file));
  };
  const recordings = kinds.map((kind) => recording(kind, 'events'));
  const longest = Math.max(...recordings.map(({ seconds, gopSeconds }) => seconds + gopSeconds));
  const seconds = longest + kinds.length * STAGGER_SECONDS;
  const startedAt = Date.now();
  const [costs] = await Promise.all([
    measure(
      running.map(({ pids }) => pids),
      { seconds, every: 0.5 },
      signal,
    ),
    ...kinds.map(play),
  ]);
  await sleep(SETTLE_SECONDS * 1000, signal);
  const after = await statuses();
  const events = recordings.flatMap(({ name, truth, seconds: length }, camera) =>
    modes.map((mode, index): EventsResult => {
      const told = site.told(`events-${mode}`, cameraId(camera));
      const [earlier, later] = [before, after].map((all) => all[2 * index]?.[cameraId(camera)]);
      return {
        kind: name,
        mode,
        match: match(told, truth, zeros.get(name) ?? 0, length),
        trusted: { before: isTrusted(earlier), after: isTrusted(later) },
        statuses: [earlier, later],
      };
    }),
  );
  const shift = ((zeros.get(first) ?? startedAt) - startedAt) / 1000;
  const truth = recordings[0]?.truth.map(([start, end]) => [start + shift, end + shift] as const) ?? [];
  const courses = modes.flatMap((mode, index): Course[] => {
    const cost = costs[2 * index + 1];
    return cost ? [{ mode, cost, truth }] : [];
  });
  return { events, courses };
}
