import { describe, expect, it } from 'vitest';
import { triggerConfig } from '../../src/trigger/config.ts';
import { matchesPayload } from '../../src/trigger/mqtt-payload.ts';

it.each([
  ['anything', {}, true],
  ['', {}, true],
  ['ON', { payload: 'ON' }, true],
  [' ON\n', { payload: 'ON' }, true],
  ['OFF', { payload: 'ON' }, false],
  ['{"occupancy":true}', { key: 'occupancy', payload: true }, true],
  ['{"occupancy":true}', { key: 'occupancy', payload: 'true' }, true],
  ['{"occupancy":false}', { key: 'occupancy', payload: true }, false],
  ['{"occupancy":false}', { key: 'occupancy' }, true],
  ['{"battery":3}', { key: 'occupancy' }, false],
  ['{"a":{"b":3}}', { key: 'a.b', payload: 3 }, true],
  ['{"a":{"b":3}}', { key: 'a' }, false],
  ['{"a":1}', { key: 'constructor' }, false],
  ['no JSON', { key: 'a' }, false],
  ['[1]', { key: '0', payload: 1 }, true],
])('%j with %j: %s', (text, filter, matches) => {
  const config = triggerConfig.parse({ mqtt: { topic: 't', ...filter } });
  expect(matchesPayload(text, config.mqtt ?? {})).toBe(matches);
});

describe('a topic to listen to', () => {
  it.each(['a', 'a/b c', '+/a', 'a/+/b', 'a/#', '#', '/a'])('%s is one', (topic) => {
    expect(triggerConfig.safeParse({ mqtt: { topic } }).success).toBe(true);
  });
  it.each(['', 'a/#/b', 'a#', 'a+/b'])('%j is none', (topic) => {
    expect(triggerConfig.safeParse({ mqtt: { topic } }).success).toBe(false);
  });
});
