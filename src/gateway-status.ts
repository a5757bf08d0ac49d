import type { CameraSnapshot } from './camera-stats.ts';
import type { OutboxStats } from './outbox/outbox.ts';

/** Everything the gateway tells about itself: on `stats` over MQTT, at `/api/status` and, as figures, at `/metrics`. */
export interface GatewayStatus {
  readonly version: string;
  readonly gateway: string;
  readonly startedAt: string;
  readonly uptimeSeconds: number;
  readonly mqtt: { readonly connected: boolean };
  readonly inference: { readonly url: string; readonly model: string };
  readonly outbox: OutboxStats;
  readonly cameras: Readonly<Record<string, CameraSnapshot>>;
}
