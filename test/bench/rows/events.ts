/**
 * What is found and what is missed: everything at rest until all has been learnt, then events at known times.
 */
import { sleep } from '../../../src/lib/abort.ts';
import { type Cost, measure } from '../measure/meter.ts';
import type { KindName } from '../streams/kinds.ts';
import type { Recording } from '../streams/streams.ts';
import { cameraId, type DecodeMode, gateway, type Installation } from '../subjects/framegate.ts';
import type { Site } from '../subjects/site.ts';
import type { Subject } from '../subjects/subject.ts';
import { type Match, match, SETTINGS } from './match.ts';
import { openStage, type Trial } from './stage.ts';

export interface EventsResult {
  readonly kind: KindName;
  readonly mode: DecodeMode;
  readonly match: Match;
  /** What the gateway tells of the camera at the end. */
  readonly status: unknown;
}

/** CPU of a gateway with one camera over time. */
export interface Course {
  readonly mode: DecodeMode;
  readonly cost: Cost;
  readonly truth: Recording['truth'];
}

/** A recording at rest, and the same camera with events. */
export interface Pair {
  readonly idle: Recording;
  readonly events: Recording;
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
  readonly pairs: readonly Pair[];
  readonly modes: readonly DecodeMode[];
  readonly installation: Installation;
  readonly site: Site;
  readonly warmUp: number;
}

/**
 * One gateway per mode watches all cameras. Another one per mode watches only the first camera, for the course of its cost; that one sends
 * frames to the model as gateways do.
 */
export async function runEvents(
  { pairs, modes, installation, site, warmUp }: EventsSetup,
  signal: AbortSignal,
): Promise<EventsOutcome> {
  const [first] = pairs;
  if (!first) return { events: [], courses: [] };
  const trial = (id: string, subject: Subject, watched: readonly Pair[]): Trial => {
    return { id, row: 'events', subject, recordings: watched.map(({ idle }) => idle) };
  };
  const trials = modes.flatMap((mode) => [
    trial(`events-${mode}`, gateway(installation, mode, pairs.length, SETTINGS), pairs),
    trial(`course-${mode}`, gateway(installation, mode, 1), [first]),
  ]);
  await using stage = await openStage(trials);
  await sleep(warmUp * 1000, signal);
  const zeros = new Map<Pair, number>();
  const play = async () => {
    for (const [index, pair] of pairs.entries()) {
      // The first trial watches all cameras in the order of the pairs.
      zeros.set(pair, await stage.cameras.switchTo(stage.cameraNumbers(0)[index]!, pair.events.file));
      await sleep(STAGGER_SECONDS * 1000, signal);
    }
  };
  const longest = Math.max(...pairs.map(({ events }) => events.seconds));
  const seconds = longest + pairs.length * STAGGER_SECONDS;
  const programs = stage.running.map(({ pids }) => pids);
  const [costs] = await Promise.all([measure(programs, { seconds, every: 0.5 }, signal), play()]);
  await sleep(SETTLE_SECONDS * 1000, signal);
  const statuses = await Promise.all(stage.running.map((subject) => subject.status()));
  const events = pairs.flatMap((pair, camera) =>
    modes.map((mode, index): EventsResult => {
      const { name, truth, seconds: length } = pair.events;
      const told = site.told(`events-${mode}`, cameraId(camera));
      const status = statuses[2 * index]?.[cameraId(camera)];
      return { kind: name, mode, match: match(told, truth, zeros.get(pair) ?? 0, length), status };
    }),
  );
  const courses = modes.flatMap((mode, index): Course[] => {
    const cost = costs[2 * index + 1];
    return cost ? [{ mode, cost, truth: first.events.truth }] : [];
  });
  return { events, courses };
}
