import { expect, it } from 'vitest';
import { onvifAddress } from '../../src/onvif/address.ts';
import { createCameraMotion } from '../../src/onvif/camera-motion.ts';
import { onvifConfig } from '../../src/onvif/config.ts';
import { noticesOf } from '../../src/onvif/notice.ts';

const CELL = 'RuleEngine/CellMotionDetector/Motion';
const notice = (topic: string, data: Record<string, unknown>, source = '') => ({
  topic,
  source,
  data: new Map(Object.entries(data)),
});
const create = () => createCameraMotion(onvifConfig.parse({}));

it.each([
  [CELL, { IsMotion: true }],
  ['VideoSource/MotionAlarm', { State: 'true' }],
  ['RuleEngine/MyRuleDetector/Visitor', { State: 1 }],
  ['RuleEngine/MyRuleDetector/PeopleDetect', { State: true }],
  ['RuleEngine/FieldDetector/ObjectsInside', { IsInside: true }],
  ['RuleEngine/TPSmartEventDetector/TPSmartEvent', { IsPeople: true, IsPet: false }],
  ['RuleEngine/LineDetector/Crossed', { ObjectId: 4 }],
])('%s is motion', (topic, data) => {
  const motion = create();
  motion.push(notice(topic, data), 0);
  expect(motion.isOn).toBe(true);
  expect(motion.topics).toEqual([topic]);
});

it.each([
  ['RuleEngine/TamperDetector/Tamper', { IsTamper: true }],
  ['VideoSource/ImageTooDark/ImagingService', { State: true }],
  ['Device/Trigger/DigitalInput', { LogicalState: true }],
  ['RuleEngine/CellMotionDetectorX/Motion', { IsMotion: true }],
  [CELL, { IsMotion: false }],
])('%s %j is none', (topic, data) => {
  const motion = create();
  motion.push(notice(topic, data), 0);
  expect(motion.isOn).toBe(false);
});

it('goes on until all rules that saw something take it back', () => {
  const motion = create();
  motion.push(notice(CELL, { IsMotion: true }, 'Rule=a'), 0);
  motion.push(notice(CELL, { IsMotion: true }, 'Rule=b'), 0);
  motion.push(notice(CELL, { IsMotion: false }, 'Rule=a'), 0);
  expect(motion.isOn).toBe(true);
  motion.push(notice(CELL, { IsMotion: false }, 'Rule=b'), 0);
  expect(motion.isOn).toBe(false);
});

it('is over after a while if the camera never takes it back, unless it repeats it', () => {
  const motion = create();
  motion.push(notice(CELL, { IsMotion: true }), 0);
  motion.tick(119_000);
  expect(motion.isOn).toBe(true);
  motion.push(notice(CELL, { IsMotion: true }), 119_000);
  motion.tick(200_000);
  expect(motion.isOn).toBe(true);
  motion.tick(240_000);
  expect(motion.isOn).toBe(false);
});

it('is short for an event without a state', () => {
  const motion = create();
  motion.push(notice('RuleEngine/LineDetector/Crossed', {}), 0);
  motion.tick(4000);
  expect(motion.isOn).toBe(true);
  motion.tick(5000);
  expect(motion.isOn).toBe(false);
});

it('does not remember rules without end', () => {
  const motion = create();
  for (let rule = 0; rule < 10_000; rule += 1) motion.push(notice(CELL, { IsMotion: true }, `Rule=${rule}`), 0);
  motion.clear();
  expect(motion.isOn).toBe(false);
});

it.each([
  undefined,
  null,
  '',
  'text',
  4,
  {},
  { notificationMessage: '' },
  { notificationMessage: [{}, null, 'x', { topic: {} }] },
])('nonsense %j has no notices', (answer) => {
  expect(noticesOf(answer)).toEqual([]);
});

it('a notice without a message, and topics with prefixes at every level, are understood', () => {
  const message = (topic: unknown) => ({ notificationMessage: { topic } });
  expect(noticesOf(message({ _: 'tns1:RuleEngine/tns1:CellMotionDetector/tns1:Motion' }))[0]?.topic).toBe(CELL);
  expect(noticesOf(message(' tns1:VideoSource/MotionAlarm '))[0]).toMatchObject({ topic: 'VideoSource/MotionAlarm' });
});

it('the address comes from the stream where nothing else is said', () => {
  const address = (config: object, stream = 'rtsp://me:p%40ss@192.0.2.9:554/s') =>
    onvifAddress(onvifConfig.parse(config), stream);
  expect(address({})).toMatchObject({
    host: '192.0.2.9',
    port: 80,
    path: '/onvif/device_service',
    username: 'me',
    password: 'p@ss',
  });
  expect(address({ url: 'https://a:b@cam:8443/x', password: 'c' })).toMatchObject({
    ...{ host: 'cam', port: 8443, isTls: true, path: '/x', username: 'a', password: 'c' },
  });
  expect(address({ url: 'http://[fe80::1]:8000' })).toMatchObject({ host: 'fe80::1', port: 8000, username: 'me' });
});
