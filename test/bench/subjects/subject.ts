import type { CameraSnapshot } from '../../../src/camera-stats.ts';
import type { Recording } from '../streams/streams.ts';

export type SubjectName = 'full' | 'copy' | 'motion' | 'always' | 'auto' | 'auto-pictures';

/** Something that watches cameras and is measured. */
export interface Subject {
  readonly name: SubjectName;
  /** What runs, in words. */
  readonly label: string;
  /** How many cameras it watches. */
  readonly cameras: number;
  /** Whether it has to know its cameras before it does what it is measured for. */
  readonly learns: boolean;
  /** @param id names this run: of its log file, its folder and, for a gateway, its MQTT topics. */
  start(feeds: readonly Feed[], id: string): Promise<RunningSubject>;
}

/** A camera to watch. */
export interface Feed {
  readonly url: string;
  readonly recording: Recording;
}

export interface RunningSubject extends AsyncDisposable {
  /** What was started; what they start themselves is measured with them. */
  readonly pids: readonly number[];
  /** What a gateway tells of its cameras; empty for other programs. */
  status(): Promise<Readonly<Record<string, CameraSnapshot>>>;
}
