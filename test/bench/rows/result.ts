import { loadavg } from 'node:os';
import type { CameraSnapshot } from '../../../src/camera-stats.ts';
import { type Cost, perStreamMinute } from '../measure/meter.ts';
import type { KindName } from '../streams/kinds.ts';
import type { SubjectName } from '../subjects/subject.ts';
import type { Trial } from './stage.ts';

type Status = Readonly<Record<string, CameraSnapshot>>;

/** One line of the cost table. */
export interface Result {
  readonly row: string;
  /** Row with the references that it is compared with. */
  readonly beside: string;
  readonly kind: KindName;
  readonly subject: SubjectName;
  /** What ran. */
  readonly label: string;
  readonly cameras: number;
  /** Undefined when it ended before its time. */
  readonly cost: Cost | undefined;
  /** CPU seconds per stream-minute. */
  readonly perMinute: number | undefined;
  readonly cores: number | undefined;
  /** Load average of the machine at the end of the window, all that others do on it included. */
  readonly load: number;
  /** What a gateway told of its cameras at the end of the window; figures count from its start. */
  readonly status: Status;
  /** Sessions that gateway lost within the window, and pictures it left out. */
  readonly lostSessions: number;
  readonly droppedFrames: number;
  /** Full-resolution pictures that it decoded for the model within the window. */
  readonly pictures: number;
  /** Small frames that motion looked at within the window. */
  readonly seen: number;
  /** Wakes within the window, by reason; empty when it tells none. */
  readonly wakes: Readonly<Record<string, number>>;
  readonly wakesInVain: number;
  /** Cameras whose packets are trusted at the end of the window. */
  readonly trusted: number;
}

export function resultOf(trial: Trial, cost: Cost | undefined, before: Status, after: Status): Result {
  const { subject, recordings, row, beside = row } = trial;
  const during = (figure: (camera: CameraSnapshot) => number) => sum(after, figure) - sum(before, figure);
  const reasons = Object.values(after).flatMap(({ decode }) => Object.keys(wakesOf(decode)));
  const wakes = [...new Set(reasons)].map((reason) => {
    return [reason, during(({ decode }) => wakesOf(decode)[reason] ?? 0)] as const;
  });
  return {
    row,
    beside,
    kind: recordings[0]!.name,
    subject: subject.name,
    label: subject.label,
    cameras: subject.cameras,
    cost,
    perMinute: cost && perStreamMinute(cost, subject.cameras),
    cores: cost && cost.cpuSeconds / cost.seconds,
    load: loadavg()[0] ?? 0,
    status: after,
    lostSessions: during(({ reconnects }) => reconnects),
    pictures: during(({ frames }) => frames.sent),
    droppedFrames: during(({ frames }) => Object.values(frames.dropped).reduce((total, count) => total + count, 0)),
    seen: during(({ frames }) => frames.seen),
    wakes: Object.fromEntries(wakes),
    wakesInVain: during(({ decode }) => decode?.wakesInVain ?? 0),
    trusted: Object.values(after).filter(isTrusted).length,
  };
}

/** Whether the gateway says that it trusts the packets of this camera. */
export function isTrusted(camera: CameraSnapshot | undefined): boolean {
  return camera?.decode?.packets.startsWith('trusted') ?? false;
}

const wakesOf = (decode: CameraSnapshot['decode']): Readonly<Record<string, number>> => ({ ...decode?.wakes });

function sum(status: Status, figure: (camera: CameraSnapshot) => number): number {
  return Object.values(status).reduce((total, camera) => total + figure(camera), 0);
}
