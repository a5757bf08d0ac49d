import { expect, test } from 'vitest';
import { cameraAddress } from '../../src/source/camera-address.ts';

test.each([
  ['rtsp://h/s', { host: 'h', port: 554, isTls: false, uri: 'rtsp://h/s', credentials: undefined }],
  ['rtsps://h/s', { port: 322, isTls: true }],
  [
    'RTSP://u:p@H:8554/S?x=%20#f',
    { host: 'H', port: 8554, uri: 'RTSP://H:8554/S?x=%20', credentials: { user: 'u', password: 'p' } },
  ],
  ['rtsp://u%40x:p%2F%3A%25@[::1]:9/', { host: '::1', port: 9, credentials: { user: 'u@x', password: 'p/:%' } }],
  ['rtsp://u@h/', { credentials: { user: 'u', password: '' } }],
  ['rtsp://u:100%@h/', { credentials: { user: 'u', password: '100%' } }],
])('%s', (url, expected) => {
  expect(cameraAddress(url)).toMatchObject(expected);
});
