import { describe, expect, it } from 'vitest';
import { parseBrokerUrl } from '../../src/mqtt/address.ts';
import { mqttConfig } from '../../src/mqtt/config.ts';

describe('a broker URL', () => {
  it.each([
    ['mqtt://broker', { protocol: 'mqtt', host: 'broker', port: undefined, display: 'mqtt://broker' }],
    ['MQTTS://broker:8884', { protocol: 'mqtts', host: 'broker', port: 8884, display: 'mqtts://broker:8884' }],
    ['mqtt://[::1]:1884', { host: '::1', port: 1884, display: 'mqtt://[::1]:1884' }],
    ['wss://broker/mqtt?a=1', { protocol: 'wss', host: 'broker', path: '/mqtt?a=1', display: 'wss://broker/mqtt' }],
    ['mqtt://me@broker', { username: 'me', password: undefined }],
    ['mqtt://me:@broker', { username: 'me', password: '' }],
    ['mqtt://me:p%40ss%2F%23@broker', { username: 'me', password: 'p@ss/#' }],
    ['mqtt://me:p@ss/w#o?r:d%@broker:1883', { username: 'me', password: 'p@ss/w#o?r:d%', port: 1883 }],
  ])('%s is split', (url, parts) => {
    expect(parseBrokerUrl(url)).toMatchObject(parts);
  });

  it('shows no credentials', () => {
    expect(parseBrokerUrl('mqtt://me:p@ss/w#rd@broker/x')?.display).toBe('mqtt://broker/x');
  });

  it.each(['http://broker', 'mqtt://', 'mqtt://broker:99999', 'mqtt://me:secret@', 'broker:1883'])(
    '%s is none, and the config says so',
    (url) => {
      expect(parseBrokerUrl(url)).toBeUndefined();
      expect(mqttConfig.safeParse({ url }).success).toBe(false);
    },
  );
});
