import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { encodeDetections, encodeEvent, encodeRestless, encodeSnapshot } from '../../src/events/encode.ts';
import type { OutboxEntry } from '../../src/events/message.ts';
import { gatewayTopics } from '../../src/events/topics.ts';
import { motionConfig } from '../../src/motion/config.ts';
import type { TrackChange, TrackedObject } from '../../src/tracking/tracker.ts';

const camera = { id: 'front', topics: gatewayTopics('framegate', 'yard').camera('front') };
const frame = { at: 5000.25, time: Date.UTC(2026, 0, 2, 3, 4, 5, 678), cause: 'motion' as const };

const track: TrackedObject = {
  id: '1767323045.678-k3x9fa',
  label: 'traffic light',
  score: 0.87654321,
  topScore: 0.91,
  box: [0.33338, 0.1, 0.66662, 0.2000049],
  zones: ['porch'],
  enteredZones: ['drive', 'porch'],
  startTime: frame.time,
  lastSeen: frame.time + 1500.4,
  verdict: 'ok',
  bestFrame: frame,
};

/** The topic and the payload as people get them; golden files are edited by hand, never written by a test. */
async function expectGolden(entry: OutboxEntry, name: string): Promise<void> {
  const golden = JSON.parse(await readFile(new URL(`../golden/events/${name}.json`, import.meta.url), 'utf8'));
  expect({ topic: entry.topic, payload: JSON.parse(entry.payload.toString()) }).toEqual(golden);
  expect(Object.keys(JSON.parse(entry.payload.toString()))).toEqual(Object.keys(golden.payload));
  expect(entry).toMatchObject({ camera: 'front', retain: false, qos: 1 });
}

const event = (type: TrackChange['type'], changes: Partial<TrackedObject> = {}) =>
  encodeEvent(camera, { type, track: { ...track, ...changes }, isBest: type === 'new' }, 'coco/1');

describe('an event', () => {
  it('new is what the golden file says', () => expectGolden(event('new'), 'event-new'));

  it('end is what the golden file says, with its end', () =>
    expectGolden(event('end', { endTime: track.lastSeen, verdict: 'unknown' }), 'event-end'));

  it('has the id of its object, and a message id that is its own', () => {
    const all = [event('new'), event('update'), event('update', { lastSeen: track.lastSeen + 5000 }), event('end')];
    const payloads = all.map(({ payload }) => JSON.parse(payload.toString()));
    expect(new Set(payloads.map(({ id }) => id))).toEqual(new Set([track.id]));
    expect(new Set(payloads.map(({ message_id }) => message_id)).size).toBe(4);
    expect(all.map(({ id }) => id)).toEqual(payloads.map(({ message_id }) => message_id));
  });

  it('is the same however often it is encoded', () => {
    expect(event('update')).toEqual(event('update'));
  });

  it('names the snapshot by the id that the snapshot has', () => {
    const snapshot = encodeSnapshot(camera, frame, Buffer.from([0xff, 0xd8]));
    expect(JSON.parse(event('update').payload.toString()).snapshot_id).toBe(snapshot.id);
  });
});

describe('a snapshot', () => {
  it('is the JPEG itself, retained', () => {
    const jpeg = Buffer.from([0xff, 0xd8, 0, 1]);
    expect(encodeSnapshot(camera, frame, jpeg)).toEqual({
      id: 'front-1767323045678',
      camera: 'front',
      topic: 'framegate/yard/front/snapshot',
      payload: jpeg,
      retain: true,
      qos: 1,
    });
  });
});

describe('a restless camera', () => {
  const of = (restlessness: Parameters<typeof encodeRestless>[1]) =>
    JSON.parse(encodeRestless(camera, restlessness, frame.time));

  it('names the region to blame, and a mask that the config takes', () => {
    const payload = of({
      share: 0.876,
      region: [0.625, 0, 0.3125, 1 / 3],
      proposedMask: [
        [0.625, 0],
        [0.9375, 0],
        [0.9375, 1 / 3],
        [0.625, 1 / 3],
      ],
    });
    expect(payload).toMatchObject({
      ...{ schema: 1, camera: 'front', restless: true, share: 0.88 },
      region: [0.625, 0, 0.3125, 0.3333],
    });
    expect(motionConfig.parse({ masks: [payload.proposed_mask] }).masks[0]).toHaveLength(4);
  });

  it('has nothing to blame when it is calm, or moves everywhere', () => {
    expect(of(undefined)).toMatchObject({ restless: false, region: null, proposed_mask: null });
    expect(of({ share: 1, region: undefined, proposedMask: undefined })).toMatchObject({
      restless: true,
      region: null,
    });
  });
});

describe('a verdict', () => {
  it('ok is what the golden file says', () =>
    expectGolden(
      encodeDetections(
        camera,
        frame,
        {
          verdict: 'ok',
          model: 'coco/1',
          latencyMs: 41.7,
          detections: [
            { label: 'person', score: 0.87654321, box: [0.1, 0.2, 1 / 3, 0.4] },
            { label: 'traffic light', score: 1, box: [0, 0, 1, 1] },
          ],
        },
        ({ label }) => (label === 'person' ? track.id : undefined),
      ),
      'detections-ok',
    ));

  it('unknown is what the golden file says, with its reason', () =>
    expectGolden(
      encodeDetections(camera, frame, {
        verdict: 'unknown',
        model: 'coco/1',
        latencyMs: 5000,
        reason: 'timeout',
        message: 'http://localhost:9001 did not answer coco/1 before the deadline',
      }),
      'detections-unknown',
    ));

  it('has boxes that stay inside the frame when they are rounded', () => {
    for (let step = 0; step < 1000; step += 1) {
      const x = (step * 0.618_033_9) % 1;
      const box = [x, x, 1 - x, 1 - x] as const;
      const { payload } = encodeDetections(camera, frame, {
        verdict: 'ok',
        model: 'coco/1',
        latencyMs: 1,
        detections: [{ label: 'person', score: 0.5, box }],
      });
      const [left, , width] = JSON.parse(payload.toString()).detections[0].box;
      expect(Math.round((left + width) * 1e4)).toBe(1e4);
    }
  });
});
