import { expect, test } from 'vitest';
import { formatRequest, formatResponse, parseMessage } from '../../src/rtsp/messages.ts';

test('a request is read as it was written', () => {
  const bytes = Buffer.from(formatRequest('SETUP', 'rtsp://h/s?a=b', { CSeq: '4', Transport: 'RTP/AVP/TCP;x=1' }));
  const parsed = parseMessage(Buffer.concat([bytes, Buffer.from('$')]));
  expect(parsed).toMatchObject({
    kind: 'request',
    request: { method: 'SETUP', uri: 'rtsp://h/s?a=b' },
    bytes: bytes.length,
  });
  expect(parsed.kind === 'request' && Object.fromEntries(parsed.request.headers)).toEqual({
    cseq: '4',
    transport: 'RTP/AVP/TCP;x=1',
  });
});

test('a response is read as it was written, its length counted in bytes', () => {
  const bytes = Buffer.from(formatResponse({ status: 404, headers: { Server: 'x' }, body: 'größer\r\n\r\n' }, '9'));
  const parsed = parseMessage(bytes);
  expect(parsed).toMatchObject({
    kind: 'response',
    response: { status: 404, body: 'größer\r\n\r\n' },
    bytes: bytes.length,
  });
});

test('several challenges are joined, of another header the last one counts', () => {
  const parsed = parseMessage(
    Buffer.from(
      'RTSP/1.0 401 No\r\nWWW-Authenticate: Digest realm="a"\r\nCSeq: 1\r\nwww-authenticate: Basic realm="b"\r\nCSeq:2\r\n\r\n',
    ),
  );
  expect(parsed.kind === 'response' && Object.fromEntries(parsed.response.headers)).toEqual({
    'www-authenticate': 'Digest realm="a", Basic realm="b"',
    cseq: '2',
  });
});

test.each(['RTSP/1.0 200', 'RTSP/1.0 200 OK', 'RTSP/1.0 200 OK\r\n', 'RTSP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nx'])(
  'what has no end yet is waited for: %j',
  (text) => expect(parseMessage(Buffer.from(text)).kind).toBe('incomplete'),
);

test('another minor version, or no reason, is no obstacle in an answer', () => {
  expect(parseMessage(Buffer.from('RTSP/1.1 200\r\n\r\n'))).toMatchObject({
    kind: 'response',
    response: { status: 200 },
  });
});
