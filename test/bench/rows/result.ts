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
}

export function resultOf(trial: Trial, cost: Cost | undefined, before: Status, after: Status): Result {
  const { subject, recordings, row } = trial;
  const during = (figure: (camera: CameraSnapshot) => number) => sum(after, figure) - sum(before, figure);
  return {
    row,
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
  };
}

function sum(status: Status, figure: (camera: CameraSnapshot) => number): number {
  return Object.values(status).reduce((total, camera) => total + figure(camera), 0);
}
