import { spawnSync } from 'node:child_process';
import { beforeAll, expect, test } from 'vitest';
import { type FfmpegBuild, findFfmpeg } from '../../src/ffmpeg/build.ts';
import type { NutPacket, NutStream } from '../../src/ffmpeg/nut.ts';
import { NutReader } from '../../src/ffmpeg/nut-reader.ts';
import { nutHeader, nutPacket } from '../../src/ffmpeg/nut-writer.ts';

let build: FfmpegBuild;
let encoded: Buffer;

beforeAll(async () => {
  build = await findFfmpeg();
  const source = [
    '-f',
    'lavfi',
    '-i',
    'testsrc=size=160x120:rate=10',
    '-t',
    '3',
    '-c:v',
    'libx264',
    '-g',
    '10',
    '-bf',
    '0',
  ];
  encoded = ffmpeg([...source, '-f', 'nut', '-write_index', '0', 'pipe:1']);
});

function ffmpeg(args: readonly string[], input?: Buffer): Buffer {
  const { stdout, stderr, status } = spawnSync(build.path, ['-v', 'error', ...args], { input, maxBuffer: 1e8 });
  expect(status, stderr.toString()).toBe(0);
  return stdout;
}

function read(bytes: Buffer, chunkSize: number) {
  const reader = new NutReader();
  const packets: NutPacket[] = [];
  for (let start = 0; start < bytes.length; start += chunkSize) {
    for (const packet of reader.push(bytes.subarray(start, start + chunkSize)))
      packets.push({ ...packet, data: Buffer.from(packet.data) });
  }
  return { stream: reader.stream as NutStream, packets };
}

test('what ffmpeg writes is read packet by packet, with times, keyframes and the picture size', () => {
  const { stream, packets } = read(encoded, encoded.length);
  expect([stream.width, stream.height]).toEqual([160, 120]);
  expect(packets).toHaveLength(30);
  expect(packets.map(({ key }, index) => (key ? index : -1)).filter((index) => index >= 0)).toEqual([0, 10, 20]);
  const seconds = packets.map(({ pts }) => (pts * stream.timeBase[0]) / stream.timeBase[1]);
  const start = seconds[0] ?? 0;
  expect(seconds.map((value) => Math.round((value - start) * 1000))).toEqual(
    Array.from({ length: 30 }, (_, index) => index * 100),
  );
});

test.each([1, 7, 1000, 65_536])('chunks of %i bytes give the same packets', (chunkSize) => {
  expect(read(encoded, chunkSize).packets).toEqual(read(encoded, encoded.length).packets);
});

test('ffmpeg reads what is written, and gives back the same packets', () => {
  const { stream, packets } = read(encoded, encoded.length);
  const written = Buffer.concat([nutHeader(stream), ...packets.flatMap((packet) => [...nutPacket(packet)])]);
  const again = read(ffmpeg(['-f', 'nut', '-i', 'pipe:0', '-c', 'copy', '-f', 'nut', 'pipe:1'], written), 4096);
  expect(again.packets.map(({ key, data }) => ({ key, data }))).toEqual(
    packets.map(({ key, data }) => ({ key, data })),
  );
});

test('timestamps of years and gaps of hours survive the way through a decoder', () => {
  const { stream, packets } = read(encoded, encoded.length);
  const shifted = packets.map((packet, index) => ({
    ...packet,
    pts: packet.pts + 2 ** 41 + (index >= 20 ? 2 ** 34 : 0),
  }));
  const written = Buffer.concat([nutHeader(stream), ...shifted.flatMap((packet) => [...nutPacket(packet)])]);
  const raw = ffmpeg(
    [
      '-f',
      'nut',
      '-i',
      'pipe:0',
      '-copyts',
      '-vsync',
      '0',
      '-pix_fmt',
      'gray',
      '-c:v',
      'rawvideo',
      '-f',
      'nut',
      'pipe:1',
    ],
    written,
  );
  const decoded = read(raw, 65_536);
  expect(decoded.packets).toHaveLength(30);
  expect(decoded.packets.every(({ data }) => data.length === 160 * 120)).toBe(true);
});

test.each([
  ['text', Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more of it')],
  ['zeros', Buffer.alloc(4096)],
])('%s is refused as no NUT', (_, bytes) => {
  expect(() => read(bytes, 512)).toThrow(/does not begin like NUT/);
});

test('damage in the middle is an error or a wrong packet, never a hang or a huge allocation', () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const damaged = Buffer.from(encoded);
    for (let hit = 0; hit < 20; hit += 1)
      damaged[(seed * 7919 + hit * 104_729) % damaged.length] = (seed * 31 + hit * 17) & 0xff;
    try {
      expect(read(damaged, 1024).packets.length).toBeLessThan(damaged.length);
    } catch (error) {
      expect(error).toMatchObject({ code: 'ERR_STREAM_CORRUPT' });
    }
  }
});
