import { describe, expect, test } from 'vitest';
import { InterleavedReader } from '../../src/rtsp/interleaved-reader.ts';

/** What a reader makes of `bytes` that come in chunks of `size`. */
function read(bytes: Buffer, size = bytes.length, channels = [0, 1]) {
  const found: string[] = [];
  let garbage = 0;
  const reader = new InterleavedReader({
    packet: (channel, chunk, start, end) => found.push(`${channel}:${chunk.toString('latin1', start, end)}`),
    request: ({ method, uri, headers }) => found.push(`${method} ${uri} ${headers.get('cseq')}`),
    response: ({ status, headers, body }) => found.push(`${status} ${headers.get('cseq')} ${body}`),
    garbage: (count) => {
      garbage += count;
    },
  });
  reader.expect(channels);
  // As a socket does it: one buffer is used again and again.
  const chunk = Buffer.alloc(size + 10);
  for (let at = 0; at < bytes.length; at += size) reader.push(chunk, bytes.copy(chunk, 0, at, at + size));
  return { found, garbage };
}

/** The first byte of a payload says version 2, as RTP and RTCP do. */
const packet = (channel: number, text: string) => {
  const payload = Buffer.from(`\x80${text}`, 'latin1');
  return Buffer.concat([Buffer.from([0x24, channel, payload.length >> 8, payload.length & 0xff]), payload]);
};
const text = (message: string) => Buffer.from(message.replaceAll('\n', '\r\n'));
const response = text('RTSP/1.0 200 OK\nCSeq: 3\nContent-Length: 5\n\nhello');
const request = text('GET_PARAMETER rtsp://h/s RTSP/1.0\nCSeq: 7\n\n');
const long = 'x'.repeat(3000);

const mixed = [packet(0, 'one'), response, packet(1, long), packet(0, ''), request, text('\n'), packet(1, '$$$')];
const expected = ['0:\x80one', '200 3 hello', `1:\x80${long}`, '0:\x80', 'GET_PARAMETER rtsp://h/s 7', '1:\x80$$$'];

test.each([1, 2, 3, 5, 7, 64, 1000, 100_000])(
  'packets and messages come out as they went in, in chunks of %i',
  (size) => {
    expect(read(Buffer.concat(mixed), size)).toEqual({ found: expected, garbage: 0 });
  },
);

test('an empty packet, without even a version, is one', () => {
  const empty = Buffer.from([0x24, 1, 0, 0]);
  for (const size of [1, 3, 100]) {
    expect(read(Buffer.concat([empty, packet(0, 'x'), empty]), size).found).toEqual(['1:', '0:\x80x', '1:']);
  }
});

describe('bytes that mean nothing', () => {
  const noise = Buffer.from([0x81, 0x24, 0x99, 0x00, 0xff, 0x24, 0, 0, 3, 0x11, 0x52, 0x54, 0x9a]);

  test.each([1, 2, 4, 13, 1000])('are skipped and counted, in chunks of %i', (size) => {
    const bytes = Buffer.concat([packet(0, 'a'), noise, packet(1, 'b'), noise, response, noise, packet(0, 'c')]);
    const result = read(bytes, size);
    expect(result.found).toEqual(['0:\x80a', '1:\x80b', '200 3 hello', '0:\x80c']);
    expect(result.garbage).toBe(3 * noise.length);
  });

  test('do not look like a packet on a channel that is not used', () => {
    const strange = packet(7, 'no');
    const result = read(Buffer.concat([noise, strange, packet(4, 'yes')]), 1000, [4, 5]);
    expect(result.found).toEqual(['4:\x80yes']);
  });

  test.each([
    ['a start line that is none', 'HELLO WORLD\n\n'],
    ['a status line that is none', 'RTSP/1.0 okay\n\n'],
    ['a length that is none', 'RTSP/1.0 200 OK\nContent-Length: -5\n\n'],
    ['a length beyond every bound', 'RTSP/1.0 200 OK\nContent-Length: 1000000\n\n'],
    ['another protocol', 'HTTP/1.1 200 OK\n\n'],
  ])('%s', (_, message) => {
    for (const size of [1, 10, 1000]) {
      const result = read(Buffer.concat([text(message), packet(0, 'x')]), size);
      expect(result.found).toEqual(['0:\x80x']);
      expect(result.garbage).toBe(text(message).length);
    }
  });

  test('without an end are not kept', () => {
    const line = Buffer.alloc(1_000_000, 'A');
    expect(read(line, 10_000).garbage).toBeGreaterThan(900_000);
    const head = Buffer.concat([text('RTSP/1.0 200 OK\n'), Buffer.from('X: y\r\n'.repeat(50_000))]);
    expect(read(head, 10_000).garbage).toBeGreaterThan(200_000);
  });
});
