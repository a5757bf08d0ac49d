import { createConnection } from 'node:net';
import { describe, expect, test } from 'vitest';
import { openRtspCamera, type RtspCamera } from '../../src/demo/rtsp-camera/rtsp-camera.ts';
import { makeClip } from '../helpers/clips.ts';
import { RawRtspClient } from '../helpers/raw-rtsp-client.ts';
import { until } from '../helpers/until.ts';

async function camera(): Promise<RtspCamera> {
  const clip = await makeClip({ fps: 50, gop: 5, seconds: 0.5 });
  return openRtspCamera({ file: clip.file, codec: 'h264', fps: 50 });
}

/** A client that plays and has got its first packets. */
async function watch(cam: RtspCamera): Promise<RawRtspClient> {
  const client = new RawRtspClient(cam.url);
  await client.play();
  await until(() => client.media.length > 5, 'packets come');
  return client;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const isKeyStart = (payload: Buffer) => (payload[0]! & 0x1f) === 7;

test('a stalled camera keeps its sockets, answers, sends nothing, and resumes with a keyframe', async () => {
  await using cam = await camera();
  using client = await watch(cam);
  cam.faults.stall();
  await pause(50);
  const stalledAt = client.media.length;
  await pause(200);
  expect(client.media).toHaveLength(stalledAt);
  expect((await client.request('OPTIONS'))?.status).toBe(200);
  expect(cam.clients).toBe(1);
  cam.faults.resume();
  await until(() => client.media.length > stalledAt, 'packets come again');
  expect(isKeyStart(client.media[stalledAt]!.payload)).toBe(true);
  const gap = client.media[stalledAt]!.timestamp - client.media[stalledAt - 1]!.timestamp;
  expect(gap).toBeGreaterThan(0.2 * 90_000);
});

test.each([
  { reset: false, ended: 'closed' },
  { reset: true, ended: 'reset' },
])('dropped clients see the connection $ended, and may come back', async ({ reset, ended }) => {
  await using cam = await camera();
  using client = await watch(cam);
  cam.faults.dropClients({ reset });
  await until(() => client.ended === ended, `the connection is ${ended}`);
  await until(() => cam.connections === 0, 'the camera forgets it');
  using again = await watch(cam);
  expect(again.ended).toBe('open');
});

test('a refusing camera keeps those who watch, refuses new connections, and listens again on the same port', async () => {
  await using cam = await camera();
  using client = await watch(cam);
  const { url } = cam;
  await cam.faults.refuse(true);
  const code = await new Promise((resolve) => {
    createConnection({ host: '127.0.0.1', port: Number(new URL(url).port) })
      .on('error', (error: NodeJS.ErrnoException) => resolve(error.code))
      .on('connect', () => resolve('connected'));
  });
  expect(code).toBe('ECONNREFUSED');
  const before = client.media.length;
  await until(() => client.media.length > before, 'the old client still gets packets');
  await cam.faults.refuse(false);
  expect(cam.url).toBe(url);
  using again = await watch(cam);
  expect(again.ended).toBe('open');
});

test('a hanging camera accepts the connection and never answers', async () => {
  await using cam = await camera();
  cam.faults.hangOnConnect = true;
  using client = new RawRtspClient(cam.url);
  const answer = await Promise.race([client.request('OPTIONS'), pause(300)]);
  expect(answer).toBeUndefined();
  expect(client.ended).toBe('open');
  expect(cam.connections).toBe(1);
});

describe('respond', () => {
  test.each([401, 403, 404, 454, 500, 503])(
    'answers everything but OPTIONS with %i until it is taken back',
    async (status) => {
      await using cam = await camera();
      using client = new RawRtspClient(cam.url);
      cam.faults.respond(status);
      expect((await client.request('OPTIONS'))?.status).toBe(200);
      const refused = await client.request('DESCRIBE');
      expect(refused?.status).toBe(status);
      expect(refused?.headers.has('www-authenticate')).toBe(status === 401);
      cam.faults.respond(undefined);
      expect((await client.request('DESCRIBE'))?.status).toBe(200);
    },
  );

  test('can be limited to some methods', async () => {
    await using cam = await camera();
    using client = await watch(cam);
    cam.faults.respond(454, ['GET_PARAMETER']);
    expect((await client.request('GET_PARAMETER'))?.status).toBe(454);
    expect((await client.request('DESCRIBE'))?.status).toBe(200);
  });
});

test('lost packets leave gaps in the numbering, in about the wanted number', async () => {
  await using cam = await camera();
  using client = await watch(cam);
  cam.faults.losePackets(0.3);
  const start = client.media.length;
  await until(() => client.media.length > start + 100, 'packets come');
  const numbers = client.media.slice(start).map((packet) => packet.sequence);
  const sent = ((numbers.at(-1)! - numbers[0]! + 0x10000) & 0xffff) + 1;
  expect(numbers.length / sent).toBeGreaterThan(0.5);
  expect(numbers.length / sent).toBeLessThan(0.9);
});

test('corrupted packets keep header and length, but not their bytes', async () => {
  await using cam = await camera();
  using client = await watch(cam);
  await until(() => client.media.filter((packet) => packet.marker).length > 50, 'one whole loop comes');
  const whole = new Set(client.media.map((packet) => packet.payload.toString('hex')));
  cam.faults.corruptPackets(1);
  await pause(50);
  const start = client.media.length;
  await until(() => client.media.length > start + 20, 'packets come');
  const damaged = client.media.slice(start).filter((packet) => !whole.has(packet.payload.toString('hex')));
  expect(damaged.length).toBeGreaterThan(15);
  const numbers = client.media.map((packet) => (packet.sequence - client.media[0]!.sequence + 0x10000) & 0xffff);
  expect(numbers).toEqual(numbers.map((_, index) => index));
});

test('packets that are cut short are so by their own account, and are numbered without a gap', async () => {
  await using cam = await camera();
  using client = await watch(cam);
  await until(() => client.media.filter((packet) => packet.marker).length > 50, 'one whole loop comes');
  const whole = new Set(client.media.map((packet) => packet.payload.toString('hex')));
  cam.faults.truncatePackets(1);
  const start = client.media.length;
  await until(() => client.media.length > start + 40, 'packets come');
  const short = client.media.slice(start + 10).map((packet) => packet.payload.toString('hex'));
  expect(short.some((payload) => whole.has(payload))).toBe(false);
  expect(short.every((payload) => [...whole].some((original) => original.startsWith(payload)))).toBe(true);
  const numbers = client.media.map((packet) => (packet.sequence - client.media[0]!.sequence + 0x10000) & 0xffff);
  expect(numbers).toEqual(numbers.map((_, index) => index));
  expect(client.strange).toBe(0);
});

test('garbage is neither RTP nor RTSP', async () => {
  await using cam = await camera();
  using client = await watch(cam);
  cam.faults.garbage(1000);
  await until(() => client.strange === 1000, 'the garbage arrives');
});

test('another file goes on mid-stream with its own parameter sets and continuous timestamps', async () => {
  const other = await makeClip({ fps: 50, gop: 5, seconds: 0.5, width: 160, height: 120 });
  await using cam = await camera();
  using client = await watch(cam);
  const parameterSets = () =>
    new Set(client.media.filter(({ payload }) => isKeyStart(payload)).map(({ payload }) => payload.toString('hex')));
  expect(parameterSets().size).toBe(1);
  await cam.faults.switchFile(other.file);
  await until(() => parameterSets().size === 2, 'the new SPS comes');
  const stamps = [...new Set(client.media.map((packet) => packet.timestamp))];
  expect(
    stamps
      .slice(1)
      .map((stamp, index) => stamp - stamps[index]!)
      .every((step) => step > 0 && step <= 3600),
  ).toBe(true);
  expect((await client.request('DESCRIBE'))?.body).toContain(
    [...parameterSets()].map((hex) => Buffer.from(hex, 'hex').toString('base64'))[1],
  );
});

test('another codec closes those who watch, as its packets would mean nothing to them', async () => {
  const other = await makeClip({ codec: 'h265', fps: 50, gop: 5, seconds: 0.5 });
  await using cam = await camera();
  using client = await watch(cam);
  await cam.faults.switchFile(other.file, { codec: 'h265' });
  await until(() => client.ended === 'closed', 'the client is closed');
  using again = new RawRtspClient(cam.url);
  expect((await again.request('DESCRIBE'))?.body).toContain('H265/90000');
});

test('timestamps jump forward and back by what is wanted', async () => {
  await using cam = await camera();
  using client = await watch(cam);
  const jump = async (seconds: number) => {
    const start = client.media.length;
    cam.faults.jumpTimestamps(seconds);
    await until(() => client.media.length > start + 3, 'packets come');
    const stamps = client.media.slice(start - 1, start + 3).map((packet) => packet.timestamp);
    const steps = stamps.slice(1).map((stamp, index) => (stamp - stamps[index]!) / 90_000);
    return seconds > 0 ? Math.max(...steps) : Math.min(...steps);
  };
  expect(await jump(100)).toBeCloseTo(100.02, 5);
  expect(await jump(-50)).toBeCloseTo(-49.98, 5);
});

test('timestamps start where they are told to, and wrap', async () => {
  const clip = await makeClip({ fps: 50, gop: 5, seconds: 0.5 });
  await using cam = await openRtspCamera({ file: clip.file, codec: 'h264', fps: 50, timestamp: 2 ** 32 - 45_000 });
  using client = await watch(cam);
  await until(() => client.media.at(-1)!.timestamp < 2 ** 31, 'they wrap');
  const stamps = [...new Set(client.media.map((packet) => packet.timestamp))];
  const steps = stamps.slice(1).map((stamp, index) => (stamp - stamps[index]! + 2 ** 32) % 2 ** 32);
  expect(new Set(steps)).toEqual(new Set([1800]));
});

test('frozen timestamps stay the same, and are right again afterwards', async () => {
  await using cam = await camera();
  using client = await watch(cam);
  cam.faults.freezeTimestamps(true);
  await pause(50);
  const start = client.media.length;
  await until(() => client.media.length > start + 20, 'packets come');
  expect(new Set(client.media.slice(start).map((packet) => packet.timestamp)).size).toBe(1);
  cam.faults.freezeTimestamps(false);
  await until(() => client.media.at(-1)!.timestamp > client.media[start]!.timestamp + 0.05 * 90_000, 'time goes on');
});

test('an audio-only stream describes no video', async () => {
  await using cam = await camera();
  cam.faults.audioOnly = true;
  using client = new RawRtspClient(cam.url);
  const description = await client.request('DESCRIBE');
  expect(description?.body).toContain('m=audio');
  expect(description?.body).not.toContain('m=video');
});
