/**
 * Tells what one camera does: state topics at once, verdicts and events through the outbox in the order in which they happened.
 */
import type { CameraStats } from './camera-stats.ts';
import { encodeDetections, encodeEvent } from './events/encode.ts';
import type { OutboxEntry } from './events/message.ts';
import type { CameraTopics } from './events/topics.ts';
import type { Verdict } from './inference/verdict.ts';
import { describeError } from './lib/errors.ts';
import { Serial } from './lib/serial.ts';
import type { StateStore } from './mqtt/state.ts';
import type { Outbox } from './outbox/outbox.ts';
import type { Moment, Picture } from './source/frame.ts';
import type { Logger } from './telemetry/logger.ts';
import type { TrackChange } from './tracking/tracker.ts';

export interface ReporterOptions {
  readonly camera: string;
  readonly topics: CameraTopics;
  readonly state: StateStore;
  readonly outbox: Outbox;
  readonly stats: CameraStats;
  readonly logger: Logger;
}
