import { describe, expect, test } from 'vitest';
import { openRtspCamera, type RtspCameraOptions } from '../../src/demo/rtsp-camera/rtsp-camera.ts';
import { makeClip } from '../helpers/clips.ts';
import { RawRtspClient } from '../helpers/raw-rtsp-client.ts';
import { until } from '../helpers/until.ts';

/** A camera that plays half a second in a loop, a keyframe every 0.1 s. */
async function camera(options: Partial<RtspCameraOptions> = {}) {
  const clip = await makeClip({ fps: 50, gop: 5, seconds: 0.5 });
  return openRtspCamera({ file: clip.file, codec: clip.codec, fps: clip.fps, ...options });
}

const isKeyStart = (payload: Buffer) => (payload[0]! & 0x1f) === 7;

describe('requests', () => {
  test('OPTIONS names the methods, DESCRIBE the stream and its parameter sets', async () => {
    await using cam = await camera();
    using client = new RawRtspClient(cam.url);
    const options = await client.request('OPTIONS');
    expect(options?.headers.get('public')).toContain('GET_PARAMETER');
    const description = await client.request('DESCRIBE', { Accept: 'application/sdp' });
    expect(description?.headers.get('content-base')).toBe(`${cam.url}/`);
    expect(description?.body).toMatch(/a=rtpmap:96 H264\/90000\r\n/);
    expect(description?.body).toMatch(/profile-level-id=42\w{4};sprop-parameter-sets=Z[\w+/=]+,a[\w+/=]+\r\n/);
    expect(cam.stats.requests).toEqual({ OPTIONS: 1, DESCRIBE: 1 });
  });

  test('the description of H.265 has VPS, SPS and PPS', async () => {
    const clip = await makeClip({ codec: 'h265', fps: 50, gop: 5, seconds: 0.5 });
    await using cam = await openRtspCamera({ file: clip.file, codec: 'h265', fps: 50 });
    using client = new RawRtspClient(cam.url);
    const description = await client.request('DESCRIBE');
    expect(description?.body).toMatch(/a=fmtp:96 sprop-vps=Q[\w+/=]+;sprop-sps=Q[\w+/=]+;sprop-pps=R[\w+/=]+\r\n/);
  });

  test('UDP is refused with 461', async () => {
    await using cam = await camera();
    using client = new RawRtspClient(cam.url);
    const answer = await client.request('SETUP', { Transport: 'RTP/AVP;unicast;client_port=5000-5001' });
    expect(answer?.status).toBe(461);
  });

  test('another path is not found, and a path with a query is', async () => {
    await using cam = await camera({ path: '/cam/realmonitor?channel=1&subtype=0' });
    using client = new RawRtspClient(cam.url);
    expect((await client.request('DESCRIBE', {}, cam.url.replace('channel=1', 'channel=2')))?.status).toBe(404);
    expect((await client.request('DESCRIBE'))?.status).toBe(200);
    expect((await client.play())?.status).toBe(200);
  });

  test('PLAY and keep-alive without the session are answered with 454, unknown methods with 501', async () => {
    await using cam = await camera();
    using client = new RawRtspClient(cam.url);
    expect((await client.request('PLAY'))?.status).toBe(454);
    await client.play();
    expect((await client.request('GET_PARAMETER', { Session: 'another' }))?.status).toBe(454);
    expect((await client.request('ANNOUNCE'))?.status).toBe(501);
  });

  test('what is no RTSP is answered with 400 and closed', async () => {
    await using cam = await camera();
    using client = new RawRtspClient(cam.url);
    client.socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await until(() => client.ended === 'closed' && cam.connections === 0, 'the camera closes');
  });

  test('a client that sends no request for the session timeout is closed, one that keeps alive is not', async () => {
    await using cam = await camera({ sessionTimeoutSeconds: 0.4 });
    using idle = new RawRtspClient(cam.url);
    using alive = new RawRtspClient(cam.url);
    await idle.play();
    const session = (await alive.play())?.headers.get('session') ?? '';
    const keepAlive = setInterval(() => void alive.request('GET_PARAMETER', { Session: session }), 100);
    await until(() => idle.ended === 'closed', 'the idle client is closed');
    await new Promise((resolve) => setTimeout(resolve, 300));
    clearInterval(keepAlive);
    expect(alive.ended).toBe('open');
  });
});

describe('packets', () => {
  test('come on the channels that the client asked for, numbered without a gap, as RTP-Info announces', async () => {
    await using cam = await camera();
    using client = new RawRtspClient(cam.url);
    const play = await client.play('4-5');
    await until(() => client.media.length > 30, 'packets come');
    expect(new Set(client.packets.map((packet) => packet.channel))).toEqual(new Set([4, 5]));
    const [first] = client.media;
    expect(play?.headers.get('rtp-info')).toBe(
      `url=${cam.url}/trackID=0;seq=${first!.sequence};rtptime=${first!.timestamp}`,
    );
    const numbers = client.media.map((packet) => (packet.sequence - first!.sequence + 0x10000) & 0xffff);
    expect(numbers).toEqual(numbers.map((_, index) => index));
  });

  test('the last packet of each access unit carries the marker, also with several slices per picture', async () => {
    const clip = await makeClip({ fps: 50, gop: 5, seconds: 0.5, slices: 4 });
    await using cam = await openRtspCamera({ file: clip.file, codec: 'h264', fps: 50 });
    using client = new RawRtspClient(cam.url);
    await client.play();
    await until(() => client.media.filter((packet) => packet.marker).length > 10, 'ten pictures come');
    const packets = client.media.slice(0, client.media.findLastIndex((packet) => packet.marker) + 1);
    for (const [index, packet] of packets.entries()) {
      expect(packet.marker).toBe(packets[index + 1]?.timestamp !== packet.timestamp);
    }
  });

  test('timestamps run on over the loop, a frame apart, in step with real time', async () => {
    await using cam = await camera();
    using client = new RawRtspClient(cam.url);
    await client.play();
    await until(() => client.media.length > 0, 'the first packet comes');
    const startedAt = performance.now();
    await until(() => client.media.filter((packet) => packet.marker).length > 60, 'more than two loops pass');
    const seconds = (performance.now() - startedAt) / 1000;
    const stamps = client.media.filter((packet) => packet.marker).map((packet) => packet.timestamp);
    const steps = stamps.slice(1).map((stamp, index) => stamp - stamps[index]!);
    expect(new Set(steps)).toEqual(new Set([1800]));
    expect(Math.abs(seconds - (stamps.at(-1)! - stamps[0]!) / 90_000)).toBeLessThan(0.5);
  });

  test('begin with a keyframe for a client that joins in the middle', async () => {
    await using cam = await camera();
    using first = new RawRtspClient(cam.url);
    await first.play();
    for (let joined = 0; joined < 4; joined += 1) {
      await until(() => first.media.filter((packet) => packet.marker).length % 5 === joined + 1, 'the middle of a GOP');
      using client = new RawRtspClient(cam.url);
      await client.play();
      await until(() => client.media.length > 0, 'packets come');
      expect(isKeyStart(client.media[0]!.payload)).toBe(true);
    }
  });

  test('sender reports tie the timestamps to the wall clock', async () => {
    await using cam = await camera();
    using client = new RawRtspClient(cam.url);
    await client.play();
    await until(() => client.reports.length > 0, 'a report comes');
    const report = client.reports[0]!.data;
    expect([report[0], report[1], report[29]]).toEqual([0x80, 200, 202]);
    expect(report.readUInt32BE(4)).toBe(client.media[0]!.data.readUInt32BE(8));
    expect(Math.abs(report.readUInt32BE(8) - 2_208_988_800 - Date.now() / 1000)).toBeLessThan(2);
    expect(report.readUInt32BE(16)).toBe(client.media[0]!.timestamp);
    expect(report.length % 4).toBe(0);
  });

  test('stop at PAUSE and go on with a keyframe at PLAY', async () => {
    await using cam = await camera();
    using client = new RawRtspClient(cam.url);
    const session = (await client.play())?.headers.get('session') ?? '';
    await until(() => client.media.length > 0, 'packets come');
    await client.request('PAUSE', { Session: session });
    const paused = client.media.length;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(client.media).toHaveLength(paused);
    expect(cam.clients).toBe(0);
    await client.request('PLAY', { Session: session });
    await until(() => client.media.length > paused, 'packets come again');
    expect(isKeyStart(client.media[paused]!.payload)).toBe(true);
  });

  test('leave the parameter sets out of stream or description where that is wanted', async () => {
    await using inSdp = await camera({ parameterSets: 'sdp' });
    await using inStream = await camera({ parameterSets: 'stream' });
    using sdpClient = new RawRtspClient(inSdp.url);
    using streamClient = new RawRtspClient(inStream.url);
    expect((await sdpClient.request('DESCRIBE'))?.body).toContain('sprop-parameter-sets');
    expect((await streamClient.request('DESCRIBE'))?.body).not.toContain('sprop-parameter-sets');
    await sdpClient.play();
    await streamClient.play();
    await until(() => sdpClient.media.length > 20 && streamClient.media.length > 20, 'packets come');
    expect(sdpClient.media.some((packet) => isKeyStart(packet.payload))).toBe(false);
    expect(streamClient.media.some((packet) => isKeyStart(packet.payload))).toBe(true);
  });
});

describe('the camera', () => {
  test('starts in the scene where it is told, and its position goes round', async () => {
    await using cam = await camera({ phase: 0.3 });
    expect(cam.position).toBeGreaterThanOrEqual(0.3);
    await until(() => cam.position < 0.1, 'the scene starts anew');
  });

  test('serves many clients at once, all the same pictures', async () => {
    await using cam = await camera();
    const clients = Array.from({ length: 20 }, () => new RawRtspClient(cam.url));
    await Promise.all(clients.map((client) => client.play()));
    expect(cam.clients).toBe(20);
    await until(() => clients.every((client) => client.media.length > 40), 'all get packets');
    const stamps = clients.map((client) => client.media.at(0)!.timestamp);
    const latest = Math.max(...stamps);
    const pictures = clients.map((client) =>
      Buffer.concat(
        client.media.filter(({ timestamp }) => timestamp === latest).map(({ payload }) => payload),
      ).toString('hex'),
    );
    expect(new Set(pictures).size).toBe(1);
    for (const client of clients) client[Symbol.dispose]();
  });

  test('closes a client that does not read, counts it, and goes on for the others', async () => {
    const nal = (head: number, bytes: number) =>
      Buffer.concat([Buffer.from([0, 0, 0, 1, head]), Buffer.alloc(bytes, 0xab)]);
    const file = Buffer.concat([nal(0x67, 10), nal(0x68, 4), nal(0x65, 1_000_000)]);
    await using cam = await openRtspCamera({ file, codec: 'h264', fps: 20, backlogBytes: 1_000_000 });
    using slow = new RawRtspClient(cam.url);
    using quick = new RawRtspClient(cam.url);
    await slow.play();
    slow.socket.pause();
    await quick.play();
    await until(() => cam.stats.closedAsSlow === 1, 'the slow client is closed');
    expect(quick.ended).toBe('open');
    expect(cam.clients).toBe(1);
  });

  test('leaves no socket and no timer behind when disposed', async () => {
    const open = () => process.getActiveResourcesInfo().filter((kind) => /TCP|Timeout/.test(kind)).length;
    await until(() => open() <= 1, 'the sockets of other tests are gone');
    const before = open();
    {
      await using cam = await camera();
      using client = new RawRtspClient(cam.url);
      using silent = new RawRtspClient(cam.url);
      await client.play();
      await until(() => silent.socket.readyState === 'open' && client.media.length > 0, 'both are connected');
      expect(cam.connections).toBe(2);
    }
    await until(() => open() <= before, 'every socket and timer is closed');
  });
});
