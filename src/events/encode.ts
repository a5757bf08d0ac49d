/**
 * What goes to the broker: the one place where payload keys are spelled, in snake_case. Payloads are a promise to the outside.
 *
 * All ids come from what is told, so that the same thing has the same id whenever and however often it is encoded.
 */
import type { Detection } from '../inference/detection.ts';
import type { Verdict } from '../inference/verdict.ts';
import type { Box } from '../lib/box.ts';
import type { Restlessness } from '../motion/restless.ts';
import type { Moment } from '../source/frame.ts';
import type { TrackChange } from '../tracking/tracker.ts';
import type { TriggerCause } from '../trigger/cause.ts';
import type { OutboxEntry } from './message.ts';
import type { CameraTopics } from './topics.ts';

/** Raised when a consumer of the payloads would have to change. */
const SCHEMA = 1;

/** A frame that was sent to the model, and why. */
export interface EncodedFrame extends Moment {
  /** `motion`, `onvif`, `mqtt`, `api` or `interval`. */
  readonly cause: TriggerCause;
}

export interface EncodedCamera {
  readonly id: string;
  readonly topics: CameraTopics;
}

/** Names a frame of a camera, such as `front-1790000000123`; `time` is ms since the epoch. A snapshot has the id of its frame. */
function frameId(camera: string, time: number): string {
  return `${camera}-${Math.round(time)}`;
}

/** The verdict on one triggered frame. `trackOf` gives the id of the object that a detection belongs to. */
export function encodeDetections(
  camera: EncodedCamera,
  frame: EncodedFrame,
  verdict: Verdict,
  trackOf: (detection: Detection) => string | undefined = () => undefined,
): OutboxEntry {
  const id = frameId(camera.id, frame.time);
  const isKnown = verdict.verdict === 'ok';
  return entry(camera, camera.topics.detections, id, {
    schema: SCHEMA,
    id,
    time: isoTime(frame.time),
    camera: camera.id,
    frame_id: id,
    trigger: frame.cause,
    model: verdict.model,
    latency_ms: Math.round(verdict.latencyMs),
    verdict: verdict.verdict,
    ...(!isKnown && { reason: verdict.reason, message: verdict.message }),
    detections: isKnown
      ? verdict.detections.map((detection) => ({
          label: detection.label,
          score: round(detection.score, 3),
          box: roundBox(detection.box),
          // JSON leaves it out where there is none.
          track_id: trackOf(detection),
        }))
      : [],
  });
}

/** The picture of `frame`. Append it before the event that names it. */
export function encodeSnapshot(camera: EncodedCamera, frame: Moment, jpeg: Buffer): OutboxEntry {
  const id = frameId(camera.id, frame.time);
  return { id, camera: camera.id, topic: camera.topics.snapshot, payload: jpeg, retain: true, qos: 1 };
}

/**
 * A change of an object. `id` is that of the object, the same from `new` to `end`; `message_id` tells one change from another, and a
 * second delivery from a first. `time` is when the frame of the change was captured, for `end` the last one that shows the object.
 */
export function encodeEvent(camera: EncodedCamera, { type, track }: TrackChange, model: string): OutboxEntry {
  const messageId = `${track.id}-${type === 'update' ? Math.round(track.lastSeen) : type}`;
  return entry(camera, camera.topics.events, messageId, {
    schema: SCHEMA,
    type,
    id: track.id,
    message_id: messageId,
    time: isoTime(track.lastSeen),
    camera: camera.id,
    label: track.label,
    score: round(track.score, 3),
    top_score: round(track.topScore, 3),
    box: roundBox(track.box),
    zones: track.zones,
    entered_zones: track.enteredZones,
    start_time: isoTime(track.startTime),
    end_time: track.endTime === undefined ? null : isoTime(track.endTime),
    model,
    verdict: track.verdict,
    snapshot_id: frameId(camera.id, track.bestFrame.time),
  });
}

/**
 * Whether the camera triggers without end, as payload of the retained topic `restless`. `proposed_mask` is a polygon as `motion.masks` of the
 * config takes it.
 */
export function encodeRestless(camera: EncodedCamera, restlessness: Restlessness | undefined, time: number): string {
  const { share = 0, region, proposedMask } = restlessness ?? {};
  return JSON.stringify({
    schema: SCHEMA,
    id: `${frameId(camera.id, time)}-restless`,
    time: isoTime(time),
    camera: camera.id,
    restless: restlessness !== undefined,
    share: round(share, 2),
    region: region ? roundBox(region) : null,
    proposed_mask: proposedMask?.map(([x, y]) => [round(x, 4), round(y, 4)]) ?? null,
  });
}

function entry(camera: EncodedCamera, topic: string, id: string, payload: unknown): OutboxEntry {
  return { id, camera: camera.id, topic, payload: JSON.stringify(payload), retain: false, qos: 1 };
}

const isoTime = (time: number) => new Date(time).toISOString();

const round = (value: number, digits: number) => Number(value.toFixed(digits));

/** Edges are rounded, not sizes, so that a box that touches the edge of the frame still does, and none reaches over it. */
function roundBox([x, y, width, height]: Box): Box {
  const [left, top, right, bottom] = [round(x, 4), round(y, 4), round(x + width, 4), round(y + height, 4)];
  return [left, top, round(right - left, 4), round(bottom - top, 4)];
}
