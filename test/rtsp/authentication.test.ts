import { expect, test } from 'vitest';
import { digestResponse, parseAuthentication } from '../../src/rtsp/authentication.ts';

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

test('gives the SHA-256 response of the example in RFC 7616, 3.9.1', () => {
  const response = digestResponse({
    algorithm: 'SHA-256',
    user: 'Mufasa',
    realm: 'http-auth@example.org',
    password: 'Circle of Life',
    method: 'GET',
    uri: '/dir/index.html',
    nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
    qop: 'auth',
    nc: '00000001',
    cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
  });
  expect(response).toBe('753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1');
});

test('reads quoted, escaped and plain fields', () => {
  const [entry] = parseAuthentication(
    String.raw`Digest username="a\"b, c", uri="rtsp://h/x?a=1", nc=00000001, qop=auth, empty=""`,
  );
  expect(entry!.scheme).toBe('digest');
  expect(Object.fromEntries(entry!.fields)).toEqual({
    username: 'a"b, c',
    uri: 'rtsp://h/x?a=1',
    nc: '00000001',
    qop: 'auth',
    empty: '',
  });
});

test('reads several challenges in one header, whatever stands between quotes', () => {
  const header = 'Digest realm="a, Basic realm=b", nonce="n", algorithm=SHA-256, BASIC realm="c",Digest nonce=m';
  expect(parseAuthentication(header).map(({ scheme, fields }) => [scheme, Object.fromEntries(fields)])).toEqual([
    ['digest', { realm: 'a, Basic realm=b', nonce: 'n', algorithm: 'SHA-256' }],
    ['basic', { realm: 'c' }],
    ['digest', { nonce: 'm' }],
  ]);
});

test('finds nothing in a header without fields', () => {
  expect(parseAuthentication('Negotiate')).toEqual([]);
});
