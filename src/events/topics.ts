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
  'trigger',
  'restless',
]);
const MAX_LABEL_LENGTH = 64;

export interface CameraTopics {
  /** `online` / `offline`, retained. */
  readonly availability: string;
  /** `ON` / `OFF`, retained. */
  readonly motion: string;
  readonly events: string;
  readonly detections: string;
  /** JPEG, retained. */
  readonly snapshot: string;
  /** Whether it triggers without end, and what is to blame: JSON, retained. */
  readonly restless: string;
  /** What a switch is set to, retained. That of `motion` has a level more: the plain topic says whether something moves. */
  switch(key: string): string;
  /** `ON` / `OFF` while objects of `label` are there, retained. */
  presence(label: string): string;
  /** How many, retained. */
  count(label: string): string;
  /** All that is retained of the camera, of the labels asked for so far: what has to be cleared when the camera is removed. */
  retained(): readonly string[];
}

export interface Topics {
  /** What all of them begin with. */
  readonly root: string;
  /** Filters of what others publish: switches to be set, and gates to be opened. */
  readonly anySwitch: string;
  readonly anyTrigger: string;
  /** `online` / `offline`, retained; also the will. */
  readonly status: string;
  /** Figures, retained. */
  readonly stats: string;
  camera(id: string): CameraTopics;
}

export function gatewayTopics(prefix: string, gatewayId: string): Topics {
  const root = `${prefix}/${gatewayId}`;
  return {
    root,
    anySwitch: `${root}/+/set/+`,
    anyTrigger: `${root}/+/trigger`,
    status: `${root}/status`,
    stats: `${root}/stats`,
    camera: (id) => cameraTopics(`${root}/${id}`),
  };
}

function cameraTopics(root: string): CameraTopics {
  const presences = new Set<string>();
  const presence = (label: string) => {
    const topic = `${root}/${labelLevel(label)}`;
    presences.add(topic);
    return topic;
  };
  const [availability, motion, snapshot] = [`${root}/availability`, `${root}/motion`, `${root}/snapshot`];
  const restless = `${root}/restless`;
  const switches = new Set<string>();
  const switchTopic = (key: string) => {
    const topic = key === 'motion' ? `${motion}/state` : `${root}/${key}`;
    switches.add(topic);
    return topic;
  };
  return {
    availability,
    motion,
    events: `${root}/events`,
    detections: `${root}/detections`,
    snapshot,
    restless,
    switch: switchTopic,
    presence,
    count: (label) => `${presence(label)}/count`,
    retained: () => [
      ...[availability, motion, snapshot, restless, ...switches],
      ...[...presences].flatMap((topic) => [topic, `${topic}/count`]),
    ],
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
