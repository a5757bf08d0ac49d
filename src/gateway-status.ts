import type { CameraSnapshot } from './camera-stats.ts';
import type { TargetSnapshot } from './inference/target.ts';
import type { LearningSnapshot } from './learning/learner.ts';
import type { OutboxStats } from './outbox/outbox.ts';
import type { PoolSnapshot } from './source/decode/decoder-pool.ts';
import type { ProcessTreeSnapshot } from './telemetry/process-tree.ts';

/** Everything the gateway tells about itself: on `stats` over MQTT, at `/api/status` and, as figures, at `/metrics`. */
export interface GatewayStatus {
  readonly version: string;
  readonly gateway: string;
  readonly startedAt: string;
  readonly uptimeSeconds: number;
  readonly mqtt: { readonly connected: boolean };
  readonly inference: {
    /** Of the target that is asked first, without secrets. */
    readonly url: string;
    readonly model: string;
    /** In the order in which they are asked. */
    readonly targets: readonly TargetSnapshot[];
  };
  /** Of all cameras together. */
  readonly decoders: PoolSnapshot;
  /** The gateway and its children; undefined where the system does not tell. */
  readonly resources: ProcessTreeSnapshot | undefined;
  /** Uploads to the dataset; undefined while active learning is off. */
  readonly learning: LearningSnapshot | undefined;
  readonly outbox: OutboxStats;
  readonly cameras: Readonly<Record<string, CameraSnapshot>>;
}
