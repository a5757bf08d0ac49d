import { expect, test } from 'vitest';
import { digestResponse, parseDigest } from '../../src/demo/rtsp-camera/digest.ts';

const input = {
  user: 'Mufasa',
  realm: 'testrealm@host.com',
  password: 'Circle Of Life',
  method: 'GET',
  uri: '/dir/index.html',
  nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
};

test('gives the response of the example in RFC 2617, 3.5', () => {
  const response = digestResponse({ ...input, qop: 'auth', nc: '00000001', cnonce: '0a4f113b' });
  expect(response).toBe('6629fae49393a05397450978507c4ef1');
});

test('leaves nonce count and qop out when there is none, as RFC 2069 does', () => {
  expect(digestResponse(input)).toBe('670fd8c2df070c60b045671b8b24ff02');
});

test('reads quoted, escaped and plain fields', () => {
  const fields = parseDigest(String.raw`Digest username="a\"b, c", uri="rtsp://h/x?a=1", nc=00000001, qop=auth`);
  expect(Object.fromEntries(fields!)).toEqual({
    username: 'a"b, c',
    uri: 'rtsp://h/x?a=1',
    nc: '00000001',
    qop: 'auth',
  });
});

test('does not read another scheme', () => {
  expect(parseDigest('Basic YTpi')).toBeUndefined();
});
