import { describe, expect, test } from 'vitest';
import { openRtspCamera } from '../../../src/demo/rtsp-camera/rtsp-camera.ts';
import { receiveNative } from '../../../src/source/native/receive-native.ts';
import { makeClip } from '../../helpers/clips.ts';
import { openScriptedCamera, VIDEO } from '../../helpers/scripted-camera.ts';
import { takeUnits } from '../../helpers/units.ts';
import { until } from '../../helpers/until.ts';

const receive = (url: string, stallTimeoutMs = 2000) =>
  receiveNative({ url, stallTimeoutMs }, AbortSignal.timeout(20_000));

const failure = (url: string, stallTimeoutMs?: number) =>
  takeUnits(receive(url, stallTimeoutMs), 1000).then(
    () => undefined,
    (error: unknown) => error,
  );

const methods = (requests: ReadonlyArray<{ readonly method: string }>) => requests.map(({ method }) => method);

describe('a session', () => {
  test('asks for what it needs, in order, and takes leave', async () => {
    const camera = await openScriptedCamera();
    expect(await takeUnits(receive(camera.url), 10)).toHaveLength(10);
    expect(methods(camera.requests)).toEqual(['OPTIONS', 'DESCRIBE', 'SETUP', 'PLAY', 'TEARDOWN']);
    const [, describe, setup, play, teardown] = camera.requests;
    expect(describe?.headers.get('accept')).toBe('application/sdp');
    expect(setup?.uri).toBe(`${camera.url}/track1`);
    expect(setup?.headers.get('transport')).toBe('RTP/AVP/TCP;unicast;interleaved=0-1');
    expect([play?.uri, play?.headers.get('session')]).toEqual([camera.url, 'abc']);
    expect([teardown?.uri, teardown?.headers.get('session')]).toEqual([camera.url, 'abc']);
    expect(camera.requests.map(({ headers }) => headers.get('cseq'))).toEqual(['1', '2', '3', '4', '5']);
    await until(() => camera.connections.size === 0, 'the connection is closed');
  });

  test('never shows the credentials in a request, and sends the rest of the URL as it is', async () => {
    const camera = await openScriptedCamera();
    const url = camera.url
      .replace('//', '//us%40er:s3cr%3At@')
      .replace('/live', '/Cam/realmonitor?channel=1&sub=%20x#frag');
    await takeUnits(receive(url), 1);
    const plain = camera.url.replace('/live', '/Cam/realmonitor?channel=1&sub=%20x');
    expect(camera.requests.map(({ uri }) => uri)).toEqual([plain, plain, `${plain}/track1`, plain, plain]);
  });

  test('goes where Content-Base and the control attributes point', async () => {
    const base = 'rtsp://192.0.2.1/base/';
    const camera = await openScriptedCamera({
      answers: {
        DESCRIBE: () => ({
          status: 200,
          headers: { 'Content-Base': base },
          body: `v=0\r\na=control:rtsp://192.0.2.1/all\r\nm=audio 0 RTP/AVP 0\r\na=control:audio\r\n${VIDEO}`,
        }),
      },
    });
    await takeUnits(receive(camera.url), 1);
    expect(camera.requests.slice(2).map(({ method, uri }) => `${method} ${uri}`)).toEqual([
      `SETUP ${base}track1`,
      'PLAY rtsp://192.0.2.1/all',
      'TEARDOWN rtsp://192.0.2.1/all',
    ]);
  });

  test('uses the channels that the camera chose', async () => {
    const camera = await openScriptedCamera({
      answers: {
        SETUP: () => ({ status: 200, headers: { Transport: 'RTP/AVP/TCP;interleaved=6-9', Session: 'x' } }),
      },
    });
    expect(await takeUnits(receive(camera.url), 10)).toHaveLength(10);
  });

  test('takes pictures that come before the answer to PLAY, and answers without a number', async () => {
    const camera = await openScriptedCamera({
      answers: {
        PLAY: (_, connection) => {
          connection.play(10);
          return 'RTSP/1.0 200 OK\r\nSession: abc\r\n\r\n';
        },
      },
    });
    expect(await takeUnits(receive(camera.url), 10)).toHaveLength(10);
  });

  test('answers what the camera asks in between', async () => {
    const camera = await openScriptedCamera({
      answers: {
        PLAY: (request, connection) => {
          connection.play(3);
          connection.socket.write('OPTIONS * RTSP/1.0\r\nCSeq: 71\r\n\r\n');
          connection.play(3);
          connection.socket.write('\r\nRECORD rtsp://x RTSP/1.0\r\nCSeq: 72\r\nContent-Length: 4\r\n\r\n$$$$');
          connection.play(4);
          return `RTSP/1.0 200 OK\r\nCSeq: ${request.headers.get('cseq')}\r\n\r\n`;
        },
      },
    });
    expect(await takeUnits(receive(camera.url), 10)).toHaveLength(10);
    await until(() => camera.responses.length === 2, 'both are answered');
    expect(camera.responses.map(({ status, headers }) => [headers.get('cseq'), status])).toEqual([
      ['71', 200],
      ['72', 501],
    ]);
  });

  test.each([
    { publishes: 'OPTIONS, DESCRIBE, GET_PARAMETER', expected: 'GET_PARAMETER' },
    { publishes: 'OPTIONS, DESCRIBE', expected: 'OPTIONS' },
  ])('is kept alive by $expected where the camera knows $publishes', async ({ publishes, expected }) => {
    const camera = await openScriptedCamera({
      answers: {
        OPTIONS: () => ({ status: 200, headers: { Public: publishes } }),
        SETUP: ({ headers }) => ({
          status: 200,
          headers: { Transport: headers.get('transport')!, Session: 'abc; timeout=0.2' },
        }),
      },
    });
    const units = receive(camera.url, 1500);
    await units.next();
    await until(() => camera.requests.length >= 7, 'some requests come');
    await units.return();
    const [, , , , ...kept] = methods(camera.requests);
    expect(new Set(kept.slice(0, -1))).toEqual(new Set([expected]));
    expect(kept.length).toBeGreaterThanOrEqual(3);
    expect(camera.requests[4]?.headers.get('session')).toBe('abc');
  });

  test('goes over to OPTIONS where GET_PARAMETER is refused', async () => {
    const camera = await openScriptedCamera({
      answers: {
        GET_PARAMETER: () => ({ status: 501 }),
        SETUP: ({ headers }) => ({
          status: 200,
          headers: { Transport: headers.get('transport')!, Session: 'abc;timeout=0.2' },
        }),
      },
    });
    const units = receive(camera.url, 1500);
    await units.next();
    await until(() => camera.requests.length >= 7, 'some requests come');
    await units.return();
    expect(methods(camera.requests).slice(4, 7)).toEqual(['GET_PARAMETER', 'OPTIONS', 'OPTIONS']);
  });

  test('sends receiver reports', async () => {
    const camera = await openScriptedCamera();
    const abort = new AbortController();
    const done = takeUnits(receiveNative({ url: camera.url, stallTimeoutMs: 8000 }, abort.signal), 1000);
    const timer = setInterval(() => {
      for (const connection of camera.connections) connection.play(1);
    }, 200);
    await until(() => camera.packets.length > 0, 'a report comes');
    clearInterval(timer);
    abort.abort();
    await done;
    const { channel, data } = camera.packets[0]!;
    expect(channel).toBe(1);
    expect([data[0], data[1], data.readUInt16BE(2)]).toEqual([0x81, 201, 7]);
  });

  test('ends with the signal, without an error, also while it is being opened', async () => {
    const camera = await openScriptedCamera({ answers: { SETUP: () => undefined } });
    const abort = new AbortController();
    const units = receiveNative({ url: camera.url, stallTimeoutMs: 5000 }, abort.signal);
    const first = units.next();
    await until(() => camera.requests.length === 3, 'SETUP is sent');
    abort.abort();
    expect(await first).toEqual({ done: true, value: undefined });
    const late = receiveNative({ url: camera.url, stallTimeoutMs: 5000 }, abort.signal);
    expect(await late.next()).toEqual({ done: true, value: undefined });
    await until(() => camera.connections.size === 0, 'the connection is closed');
  });

  test('is left in time by a caller whose camera does not answer TEARDOWN', async () => {
    const camera = await openScriptedCamera({ answers: { TEARDOWN: () => undefined } });
    const abort = new AbortController();
    const units = receiveNative({ url: camera.url, stallTimeoutMs: 5000 }, abort.signal);
    await units.next();
    const startedAt = performance.now();
    abort.abort();
    await takeUnits(units, 1000);
    expect(methods(camera.requests).at(-1)).toBe('TEARDOWN');
    expect(performance.now() - startedAt).toBeLessThan(3000);
    await until(() => camera.connections.size === 0, 'the connection is closed');
  });
});

describe('a redirect', () => {
  test('is followed', async () => {
    const other = await openScriptedCamera();
    const camera = await openScriptedCamera({
      answers: { DESCRIBE: () => ({ status: 302, headers: { Location: other.url } }) },
    });
    expect(await takeUnits(receive(camera.url), 3)).toHaveLength(3);
    expect(methods(camera.requests)).toEqual(['OPTIONS', 'DESCRIBE']);
    expect(camera.connections.size).toBe(0);
  });

  test('is not followed for ever', async () => {
    const camera = await openScriptedCamera({
      answers: { DESCRIBE: () => ({ status: 301, headers: { Location: camera.url } }) },
    });
    expect(await failure(camera.url)).toMatchObject({ code: 'ERR_SOURCE_UNSUPPORTED' });
    expect(camera.requests).toHaveLength(8);
  });

  test('to what is no camera is an error', async () => {
    const camera = await openScriptedCamera({
      answers: { DESCRIBE: () => ({ status: 302, headers: { Location: 'http://127.0.0.1/' } }) },
    });
    expect(await failure(camera.url)).toMatchObject({ code: 'ERR_SOURCE_UNSUPPORTED' });
  });
});

describe('login', () => {
  const user = 'watch';
  const password = 'p@ss%w\'rd/:?#"\\';

  async function openGuarded(scheme: Parameters<typeof openRtspCamera>[0]['credentials'], sessionTimeoutSeconds = 60) {
    const clip = await makeClip({ fps: 50, gop: 5, seconds: 0.5 });
    const options = { file: clip.file, codec: 'h264', fps: 50, sessionTimeoutSeconds } as const;
    return openRtspCamera({ ...options, ...(scheme && { credentials: scheme }) });
  }

  test.each([
    { scheme: 'basic' },
    { scheme: 'digest' },
    { scheme: 'digest', qop: 'auth' },
    { scheme: 'digest', qop: 'auth', algorithm: 'SHA-256' },
  ] as const)('%o', async (scheme) => {
    await using camera = await openGuarded({ user, password, ...scheme });
    expect(await takeUnits(receive(camera.urlWithCredentials), 3)).toHaveLength(3);
    const wrong = await failure(camera.urlWithCredentials.replace('watch', 'other'));
    expect(wrong).toMatchObject({ code: 'ERR_SOURCE_UNAUTHORIZED', hint: expect.stringContaining('url') });
    expect(await failure(camera.url)).toMatchObject({ code: 'ERR_SOURCE_UNAUTHORIZED' });
    // Cameras lock accounts: a wrong password is tried once, after the request that learns the challenge.
    expect(camera.stats.requests['DESCRIBE']).toBe(2 + 2 + 1);
  });

  test('a nonce that becomes stale mid-session is answered, and the session goes on', async () => {
    await using camera = await openGuarded({ user, password, scheme: 'digest' }, 0.6);
    let rotations = 0;
    const rotate = setInterval(() => {
      camera.faults.rotateNonce();
      rotations += 1;
    }, 250);
    const units = await takeUnits(receive(camera.urlWithCredentials), 70);
    clearInterval(rotate);
    expect(units).toHaveLength(70);
    expect(rotations).toBeGreaterThan(3);
    expect(camera.stats.accepted).toBe(1);
  });
});

describe('what goes wrong is told in words that help', () => {
  test.each([
    [403, 'ERR_SOURCE_UNAUTHORIZED'],
    [404, 'ERR_SOURCE_NOT_FOUND'],
    [454, 'ERR_SOURCE_NOT_FOUND'],
    [461, 'ERR_SOURCE_UNSUPPORTED'],
    [500, 'ERR_SOURCE_REFUSED'],
    [503, 'ERR_SOURCE_REFUSED'],
    [501, 'ERR_SOURCE_UNSUPPORTED'],
    [418, 'ERR_SOURCE_UNSUPPORTED'],
  ])('the camera answers with %i', async (status, code) => {
    for (const method of ['DESCRIBE', 'SETUP', 'PLAY']) {
      const camera = await openScriptedCamera({ answers: { [method]: () => ({ status }) } });
      expect(await failure(camera.url), method).toMatchObject({ code, hint: expect.any(String) });
      await until(() => camera.connections.size === 0, 'the connection is closed');
    }
  });

  test.each([
    ['no video', 'v=0\r\nm=audio 0 RTP/AVP 0\r\n', 'ERR_SOURCE_NO_VIDEO'],
    ['MJPEG', 'v=0\r\nm=video 0 RTP/AVP 26\r\na=control:t\r\n', 'ERR_SOURCE_UNSUPPORTED'],
    ['nothing at all', '', 'ERR_SOURCE_UNSUPPORTED'],
    [
      'interleaved NAL units',
      'm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=2\r\n',
      'ERR_SOURCE_UNSUPPORTED',
    ],
  ])('the camera describes %s', async (_, description, code) => {
    const camera = await openScriptedCamera({ description });
    expect(await failure(camera.url)).toMatchObject({ code });
  });

  test('the camera insists on UDP', async () => {
    const camera = await openScriptedCamera({
      answers: { SETUP: () => ({ status: 200, headers: { Transport: 'RTP/AVP;unicast;server_port=5000-5001' } }) },
    });
    const error = await failure(camera.url);
    expect(error).toMatchObject({ code: 'ERR_SOURCE_UNSUPPORTED', message: expect.stringContaining('TCP') });
  });

  test('nothing listens', async () => {
    const error = await failure('rtsp://127.0.0.1:1/');
    expect(error).toMatchObject({ code: 'ERR_SOURCE_REFUSED', message: expect.stringContaining('nothing listens') });
  });

  test('the host name is unknown', async () => {
    const error = await failure('rtsp://no-such-host.invalid/');
    expect(error).toMatchObject({ code: 'ERR_SOURCE_REFUSED', message: expect.stringContaining('host name') });
  });

  test('what listens is no camera', async () => {
    const camera = await openScriptedCamera({ onConnect: ({ socket }) => socket.write('220 mail ready\r\n') });
    const error = await failure(camera.url);
    expect(error).toMatchObject({ code: 'ERR_SOURCE_UNSUPPORTED', message: expect.stringContaining('no RTSP') });
  });

  test('the camera hangs up at once', async () => {
    const camera = await openScriptedCamera({ onConnect: ({ socket }) => socket.end() });
    const error = await failure(camera.url);
    expect(error).toMatchObject({ code: 'ERR_SOURCE_REFUSED', message: expect.stringContaining('hangs up') });
  });

  test.each(['OPTIONS', 'SETUP', 'PLAY'])('the camera does not answer %s', async (method) => {
    const camera = await openScriptedCamera({ answers: { [method]: () => undefined } });
    const error = await failure(camera.url, 300);
    expect(error).toMatchObject({ code: 'ERR_SOURCE_STALLED', message: expect.stringContaining('sends nothing') });
    await until(() => camera.connections.size === 0, 'the connection is closed');
  });

  test('the camera answers with bytes that mean nothing', async () => {
    const camera = await openScriptedCamera({ answers: { DESCRIBE: () => '\x00\x01 nothing\r\n'.repeat(10_000) } });
    expect(await failure(camera.url)).toMatchObject({ code: 'ERR_SOURCE_ENDED' });
  });

  test('the camera answers without end', async () => {
    const camera = await openScriptedCamera({
      answers: {
        DESCRIBE: (_, { socket }) => {
          const pour = () => void (socket.writable && socket.write('X: y\r\n'.repeat(10_000), pour));
          socket.write('RTSP/1.0 200 OK\r\n', pour);
          return undefined;
        },
      },
    });
    expect(await failure(camera.url)).toMatchObject({ code: 'ERR_SOURCE_ENDED' });
  });
});
