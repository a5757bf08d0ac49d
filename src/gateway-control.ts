import type { GatewayStatus } from './gateway-status.ts';
import type { SwitchSnapshot } from './switches.ts';

/** What MQTT and HTTP may ask of the running gateway. What is not possible throws ERR_GATEWAY_REFUSED with the reason. */
export interface GatewayControl {
  status(): GatewayStatus;
  /** Opens the gate of a camera for `durationMs`, by default as long as its config says. */
  trigger(camera: string, cause: 'mqtt' | 'api', durationMs?: number): Opening;
  /** Takes that back. */
  endTrigger(camera: string, cause: 'mqtt' | 'api'): void;
  /** Resolves when the switch is saved and in effect. */
  setSwitch(camera: string, key: string, value: string): Promise<SwitchSnapshot>;
}

export interface Opening {
  readonly camera: string;
  readonly durationMs: number;
  /** ISO 8601. */
  readonly until: string;
}
