/** What may open the gate besides motion: the camera's own motion, an MQTT message, a request over HTTP or CLI, and mere time. */
export const OUTSIDE_CAUSES = ['onvif', 'mqtt', 'api', 'interval'] as const;
export type OutsideCause = (typeof OUTSIDE_CAUSES)[number];

/** Why a frame was sent to the model. */
export const TRIGGER_CAUSES = ['motion', ...OUTSIDE_CAUSES] as const;
export type TriggerCause = (typeof TRIGGER_CAUSES)[number];
