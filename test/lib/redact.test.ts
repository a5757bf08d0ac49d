import { describe, expect, test } from 'vitest';
import { redact, redactUrls } from '../../src/lib/redact.ts';

describe('credentials in URLs', () => {
  test.each([
    ['rtsp://user:secret@cam/stream', 'rtsp://***@cam/stream'],
    ['rtsp://user:p@ss%w@cam:554/stream', 'rtsp://***@cam:554/stream'],
    ["Impossible to open 'rtsp://u:p%40@10.0.0.1/a?tcp' now", "Impossible to open 'rtsp://***@10.0.0.1/a?tcp' now"],
    ['mqtt://u:p@a and rtsp://v:q@b', 'mqtt://***@a and rtsp://***@b'],
    ['http://cam/a?mail=x@y.z', 'http://cam/a?mail=x@y.z'],
    ['nothing to hide', 'nothing to hide'],
  ])('%s', (text, clean) => {
    expect(redactUrls(text)).toBe(clean);
  });
});

test('known secrets are blotted out wherever they stand', () => {
  expect(redact('key=abc&x=abc', ['abc', ''])).toBe('key=***&x=***');
});
