import { describe, expect, test } from 'vitest';
import { redirectedUrl } from '../../../src/source/native/redirect.ts';
import { findVideoTrack, resolveControl } from '../../../src/source/native/session-description.ts';

const lines = (text: string) => text.trim().replaceAll(/\n */g, '\r\n');

describe('the first video track', () => {
  test('of an H.264 camera with audio in front', () => {
    const track = findVideoTrack(
      lines(`
        v=0
        a=control:*
        m=audio 0 RTP/AVP 0
        a=control:trackID=2
        m=video 0 RTP/AVP 98
        a=rtpmap:97 H265/90000
        a=rtpmap:98 H264/90000
        a=fmtp:98 profile-level-id=42E01E; packetization-mode=1;sprop-parameter-sets=Z0LgHtoCgPRA,aM4wpIA=,AAAA
        a=control:trackID=1
        m=video 0 RTP/AVP 26
        a=control:trackID=3`),
      'rtsp://h/s/',
    );
    expect(track).toMatchObject({ codec: 'h264', payloadType: 98, hasOrder: false });
    expect(track).toMatchObject({ trackUrl: 'rtsp://h/s/trackID=1', sessionUrl: 'rtsp://h/s/' });
    // What is no parameter set is left out.
    expect(track.parameterSets.map((set) => set.toString('base64'))).toEqual(['Z0LgHtoCgPRA', 'aM4wpIA=']);
  });

  test('of an H.265 camera', () => {
    const track = findVideoTrack(
      lines(`
        v=0
        m=video 0 RTP/AVP 96
        a=rtpmap:96 h265/90000
        a=fmtp:96 sprop-vps=QAEM; sprop-sps=QgEB; sprop-pps=RAHA; sprop-max-don-diff=2`),
      'rtsp://h/s',
    );
    expect(track).toMatchObject({ codec: 'h265', hasOrder: true, trackUrl: 'rtsp://h/s', sessionUrl: 'rtsp://h/s' });
    expect(track.parameterSets.map((set) => set[0])).toEqual([0x40, 0x42, 0x44]);
  });

  test.each([
    ['v=0\r\nm=audio 0 RTP/AVP 0\r\n', 'ERR_SOURCE_NO_VIDEO'],
    ['v=0\r\nm=application 0 RTP/AVP 107\r\n', 'ERR_SOURCE_NO_VIDEO'],
    ['v=0\r\n', 'ERR_SOURCE_UNSUPPORTED'],
    ['m=video 0 RTP/AVP 96\r\na=rtpmap:96 MP4V-ES/90000\r\n', 'ERR_SOURCE_UNSUPPORTED'],
    ['m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/48000\r\n', 'ERR_SOURCE_UNSUPPORTED'],
  ])('%j has none that can be used', (description, code) => {
    expect(() => findVideoTrack(description, 'rtsp://h/s')).toThrow(expect.objectContaining({ code }));
  });
});

test.each([
  ['rtsp://h/s', undefined, 'rtsp://h/s'],
  ['rtsp://h/s/', '*', 'rtsp://h/s/'],
  ['rtsp://h/s', 'trackID=1', 'rtsp://h/s/trackID=1'],
  ['rtsp://h/s/', 'trackID=1', 'rtsp://h/s/trackID=1'],
  ['rtsp://h/cam?channel=1&subtype=0', 'trackID=0', 'rtsp://h/cam?channel=1&subtype=0/trackID=0'],
  ['rtsp://h/s/', '/video', 'rtsp://h/s/video'],
  ['rtsp://h/s', '?ctype=video', 'rtsp://h/s?ctype=video'],
  ['rtsp://h/s', 'rtsp://192.0.2.1:554/s/t', 'rtsp://192.0.2.1:554/s/t'],
])('against %s the control attribute %j is %s', (base, control, expected) => {
  expect(resolveControl(base, control)).toBe(expected);
});

describe('a redirect', () => {
  test.each([
    ['keeps user and password for the same host', 'rtsp://u:p%40@h/a', 'rtsp://h:8554/b', 'rtsp://u:p%40@h:8554/b'],
    ['keeps them into an encrypted connection', 'rtsp://u:p@h/a', 'rtsps://h/b', 'rtsps://u:p@h/b'],
    ['keeps them from an open one', 'rtsps://u:p@h/a', 'rtsp://h/b', 'rtsp://h/b'],
    ['keeps them from another host', 'rtsp://u:p@h/a', 'rtsp://other/b', 'rtsp://other/b'],
    ['takes those that are given', 'rtsp://u:p@h/a', 'rtsp://v:q@other/b', 'rtsp://v:q@other/b'],
    ['has none where there were none', 'rtsp://h/a', 'rtsp://h/b', 'rtsp://h/b'],
  ])('%s', (_, url, location, expected) => {
    expect(redirectedUrl(url, location)).toBe(expected);
  });

  test.each(['http://h/', '/elsewhere', 'rtsp://', ''])('to %j is not understood', (location) => {
    expect(() => redirectedUrl('rtsp://u:p@h/a', location)).toThrow(
      expect.objectContaining({ code: 'ERR_SOURCE_UNSUPPORTED' }),
    );
  });
});
