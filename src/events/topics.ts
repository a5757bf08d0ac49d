/**
 * Every MQTT topic of the gateway. Topics are a promise to the outside: automations are built on them.
 */

/** Levels under `<prefix>/<gateway>/<camera>` that are not labels, so that no label may take them. */
const RESERVED = new Set([
  'availability',
  'motion',
  'events',
  'detections',
  'snapshot',
  'set',
  'enabled',
  'detect',
  'motion_sensitivity',
]);
const MAX_LABEL_LENGTH = 64;

export interface CameraTopics {
  /** What all topics of the camera begin with, without the slash after it. */
  readonly root: string;
  /** `online` / `offline`, retained. */
  readonly availability: string;
  /** `ON` / `OFF`, retained. */
  readonly motion: string;
  readonly events: string;
  readonly detections: string;
  /** JPEG, retained. */
  readonly snapshot: string;
  /** `ON` / `OFF` while objects of `label` are there, retained. */
  presence(label: string): string;
  /** How many, retained. */
  count(label: string): string;
}

export interface Topics {
  /** `online` / `offline`, retained; also the will. */
  readonly status: string;
  /** Figures, retained. */
  readonly stats: string;
  camera(id: string): CameraTopics;
}

export function gatewayTopics(prefix: string, gatewayId: string): Topics {
  const root = `${prefix}/${gatewayId}`;
  return {
    status: `${root}/status`,
    stats: `${root}/stats`,
    camera: (id) => cameraTopics(`${root}/${id}`),
  };
}

function cameraTopics(root: string): CameraTopics {
  const presence = (label: string) => `${root}/${labelLevel(label)}`;
  return {
    root,
    availability: `${root}/availability`,
    motion: `${root}/motion`,
    events: `${root}/events`,
    detections: `${root}/detections`,
    snapshot: `${root}/snapshot`,
    presence,
    count: (label) => `${presence(label)}/count`,
  };
}

/**
 * A label as a topic level: what MQTT reserves, spaces and control characters become `_`, so `traffic light` is `traffic_light`. A label
 * named like another topic of the camera gets `label_` in front: `motion` is `label_motion`. Payloads keep the label as it is.
 */
export function labelLevel(label: string): string {
  const level = label
    .trim()
    .replace(/[\s/+#\p{Cc}]+/gu, '_')
    .slice(0, MAX_LABEL_LENGTH);
  return level === '' || RESERVED.has(level) ? `label_${level}` : level;
}
