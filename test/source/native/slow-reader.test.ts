import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { payloads } from '../../../src/demo/rtsp-camera/rtp-payload.ts';
import { RtpTrack } from '../../../src/demo/rtsp-camera/rtp-track.ts';
import { isParameterSet } from '../../../src/rtsp/nal.ts';
import type { AccessUnit } from '../../../src/source/access-unit.ts';
import { receiveNative } from '../../../src/source/native/receive-native.ts';
import { UnitQueue } from '../../../src/source/native/unit-queue.ts';
import { makeClip } from '../../helpers/clips.ts';
import { openScriptedCamera } from '../../helpers/scripted-camera.ts';
import { until } from '../../helpers/until.ts';
import { accessUnits } from '../../rtsp/encode.ts';

const MEGABYTE = 1024 * 1024;

const stream = { fourcc: 'H264', timeBase: [1, 10] as const, width: 1, height: 1, extradata: Buffer.alloc(0) };
const unit = (pts: number): AccessUnit => ({ stream, pts, key: false, data: Buffer.alloc(10), at: 0, time: 0 });

test('what is pushed comes out in order, what is left before the error, and nothing after it', async () => {
  const queue = new UnitQueue(25);
  queue.push(unit(1));
  queue.push(unit(2));
  expect(queue.isFull).toBe(false);
  queue.push(unit(3));
  expect(queue.isFull).toBe(true);
  const seen: number[] = [];
  const reading = (async () => {
    for await (const { pts } of queue) {
      seen.push(pts);
      if (pts === 2) setTimeout(() => queue.push(unit(4)), 5);
      if (pts === 4) queue.end(new Error('first'));
    }
  })();
  await expect(reading).rejects.toThrow('first');
  expect(seen).toEqual([1, 2, 3, 4]);
  expect(queue.isFull).toBe(false);
  queue.end();
  await expect(queue[Symbol.asyncIterator]().next()).rejects.toThrow('first');
});

test('a reader that falls behind loses whole pictures and is told; what waits for it is bounded', async () => {
  const clip = await makeClip({ fps: 50, gop: 5, seconds: 0.5 });
  const [first] = accessUnits('h264', await readFile(clip.file));
  const sets = first!.nals.filter((nal) => isParameterSet('h264', nal));
  const key = payloads('h264', [...sets, Buffer.alloc(MEGABYTE, 0xe5).fill(0x65, 0, 1)], {
    maxBytes: 60_000,
    aggregate: false,
  });
  const other = payloads('h264', [Buffer.alloc(MEGABYTE, 0xe1).fill(0x41, 0, 1)], {
    maxBytes: 60_000,
    aggregate: false,
  });
  const track = new RtpTrack({ rtp: 0, rtcp: 1 });
  const sent = 100;
  // The one that is looked at, and 16 MB that wait.
  const kept = 17;
  const picture = (index: number) =>
    (index % 10 === 0 ? key : other).map((payload, at, parts) =>
      track.packet(payload, index * 1800, at === parts.length - 1),
    );
  const camera = await openScriptedCamera({
    answers: {
      PLAY: ({ headers }, { socket }) => {
        socket.write(`RTSP/1.0 200 OK\r\nCSeq: ${headers.get('cseq')}\r\n\r\n`);
        const go = (index: number) => {
          if (index < sent) socket.write(Buffer.concat(picture(index)), () => go(index + 1));
        };
        go(0);
        return undefined;
      },
    },
  });
  const losses: string[] = [];
  const abort = new AbortController();
  const options = { url: camera.url, stallTimeoutMs: 10_000, onLoss: (reason: string) => losses.push(reason) };
  const units: AccessUnit[] = [];
  for await (const each of receiveNative(options, abort.signal)) {
    units.push(each);
    // While the first one is looked at, all the others come.
    if (units.length === 1) await until(() => losses.length === sent - kept, 'the rest is lost');
    if (units.length === kept) abort.abort();
  }
  expect(units).toHaveLength(kept);
  expect(units.map(({ pts }) => pts)).toEqual(units.map((_, index) => index * 1800));
  expect(losses[0]).toBe('reader_busy');
  expect(new Set(losses)).toEqual(new Set(['reader_busy', 'not_decodable']));
});
