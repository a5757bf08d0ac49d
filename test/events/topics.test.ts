import { describe, expect, it } from 'vitest';
import { gatewayTopics, labelLevel } from '../../src/events/topics.ts';

describe('topics', () => {
  const topics = gatewayTopics('framegate', 'yard');

  it('are those of the contract', () => {
    const front = topics.camera('front');
    expect([topics.status, topics.stats]).toEqual(['framegate/yard/status', 'framegate/yard/stats']);
    expect([front.availability, front.motion, front.events, front.detections, front.snapshot]).toEqual([
      'framegate/yard/front/availability',
      'framegate/yard/front/motion',
      'framegate/yard/front/events',
      'framegate/yard/front/detections',
      'framegate/yard/front/snapshot',
    ]);
    expect([front.presence('person'), front.count('person')]).toEqual([
      'framegate/yard/front/person',
      'framegate/yard/front/person/count',
    ]);
  });

  it('of switches are where they are set, but for motion, whose topic says whether something moves', () => {
    const front = topics.camera('front');
    expect([front.switch('enabled'), front.switch('motion')]).toEqual([
      'framegate/yard/front/enabled',
      'framegate/yard/front/motion/state',
    ]);
    expect([topics.anySwitch, topics.anyTrigger]).toEqual(['framegate/yard/+/set/+', 'framegate/yard/+/trigger']);
  });

  it('begin with a prefix of any depth', () => {
    expect(gatewayTopics('site/a', 'yard').camera('front').motion).toBe('site/a/yard/front/motion');
  });

  it('that are retained of a camera are known, with the labels that were used', () => {
    const front = topics.camera('front');
    front.presence('person');
    front.count('traffic light');
    front.count('person');
    front.switch('detect');
    expect(front.retained()).toEqual([
      'framegate/yard/front/availability',
      'framegate/yard/front/motion',
      'framegate/yard/front/snapshot',
      'framegate/yard/front/restless',
      'framegate/yard/front/detect',
      'framegate/yard/front/person',
      'framegate/yard/front/person/count',
      'framegate/yard/front/traffic_light',
      'framegate/yard/front/traffic_light/count',
    ]);
    expect(topics.camera('back').retained()).toHaveLength(4);
  });
});

describe('a label as a topic level', () => {
  it.each([
    ['person', 'person'],
    ['traffic light', 'traffic_light'],
    [' Stop  sign ', 'Stop_sign'],
    ['a/b+c#d', 'a_b_c_d'],
    ['zero\u0000byte', 'zero_byte'],
    ['Füchse', 'Füchse'],
    ['motion', 'label_motion'],
    ['events', 'label_events'],
    ['set', 'label_set'],
    ['', 'label_'],
    ['x'.repeat(100_000), 'x'.repeat(64)],
  ])('%j', (label, level) => {
    expect(labelLevel(label)).toBe(level);
  });

  it('is never one that the camera uses for something else', () => {
    const front = gatewayTopics('framegate', 'yard').camera('front');
    for (const topic of [front.availability, front.motion, front.events, front.detections, front.snapshot]) {
      const level = topic.split('/').at(-1) ?? '';
      expect(front.presence(level)).not.toBe(topic);
    }
  });
});
