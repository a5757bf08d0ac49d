import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { payloads } from '../../../src/demo/rtsp-camera/rtp-payload.ts';
import { RtpTrack } from '../../../src/demo/rtsp-camera/rtp-track.ts';
import { isFramegateError } from '../../../src/lib/errors.ts';
import { InterleavedReader } from '../../../src/rtsp/interleaved-reader.ts';
import type { VideoCodec } from '../../../src/rtsp/nal.ts';
import { Assembler } from '../../../src/source/native/assembler.ts';
import { createH265Depacketizer, depacketizeH264 } from '../../../src/source/native/depacketizer.ts';
import { receiveNative } from '../../../src/source/native/receive-native.ts';
import { RtpReceiver } from '../../../src/source/native/rtp-receiver.ts';
import { learnTraits, type StreamTraits } from '../../../src/source/stream-traits.ts';
import { makeClip } from '../../helpers/clips.ts';
import { openScriptedCamera } from '../../helpers/scripted-camera.ts';
import { accessUnits } from '../../rtsp/encode.ts';

/** Numbers from 0 to `below - 1`, the same in every run. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return Math.floor(((state >>> 8) / 2 ** 24) * below);
  };
}

/** What a camera sends while it plays a clip, RTSP messages in between. */
async function recording(codec: VideoCodec, aggregate: boolean): Promise<Buffer> {
  const clip = await makeClip({ codec, fps: 50, gop: 5, seconds: 0.5, slices: 2, height: 480, delimiters: true });
  const track = new RtpTrack({ rtp: 0, rtcp: 1 });
  const parts = accessUnits(codec, await readFile(clip.file)).flatMap(({ nals }, index) => [
    ...payloads(codec, nals, { maxBytes: 700, aggregate }).map((payload, at, list) =>
      track.packet(payload, index * 1800, at === list.length - 1),
    ),
    track.senderReport(index * 1800, index * 20),
    Buffer.from(`RTSP/1.0 200 OK\r\nCSeq: ${index}\r\nContent-Length: 3\r\n\r\nabc`),
  ]);
  return Buffer.concat(parts);
}

/** Changes, repeats, moves and takes away bytes here and there. */
function damage(bytes: Buffer, random: (below: number) => number): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  while (at < bytes.length) {
    const end = Math.min(bytes.length, at + 1 + random(20_000));
    const part = Buffer.from(bytes.subarray(at, end));
    const kind = random(5);
    if (kind < 3) for (let hit = 0; hit <= random(4); hit += 1) part[random(part.length)] = random(256);
    if (kind === 3) parts.push(Buffer.from(bytes.subarray(random(end), end)).subarray(0, 5000));
    parts.push(kind === 4 ? part.subarray(random(10)) : part);
    at = end;
  }
  return Buffer.concat(parts);
}

describe.each([
  { codec: 'h264', aggregate: false },
  { codec: 'h264', aggregate: true },
  { codec: 'h265', aggregate: false },
  { codec: 'h265', aggregate: true },
] as const)('damaged bytes of $codec, aggregated: $aggregate', ({ codec, aggregate }) => {
  test('are read to their end, and what comes out is bounded by what went in', async () => {
    const whole = await recording(codec, aggregate);
    let [units, losses, garbage, messages] = [0, 0, 0, 0];
    for (let seed = 1; seed <= 150; seed += 1) {
      const random = randomNumbers(seed);
      let traits: StreamTraits | undefined;
      let bytes = 0;
      const assembler = new Assembler({
        codec,
        depacketize: codec === 'h264' ? depacketizeH264 : createH265Depacketizer(seed % 2 === 0),
        parameterSets: [],
        onUnit: (unit) => {
          units += 1;
          bytes += unit.data.length;
          traits = learnTraits(traits, { ...unit, at: 0, time: 0 });
          expect(unit.pts).toBeGreaterThanOrEqual(0);
          expect(unit.stream.width).toBeGreaterThan(0);
        },
        onLoss: () => {
          losses += 1;
        },
      });
      const receiver = new RtpReceiver({ rtp: 0, rtcp: 1 }, 96, assembler);
      const reader = new InterleavedReader({
        packet: (...packet) => void receiver.packet(...packet),
        request: () => undefined,
        response: () => {
          messages += 1;
        },
        garbage: (count) => {
          garbage += count;
        },
      });
      const damaged = damage(whole, random);
      for (let at = 0; at < damaged.length; ) {
        const end = at + 1 + random(9000);
        reader.push(damaged.subarray(at, end));
        at = end;
      }
      // Each NAL unit gets a start code of four bytes, and brings at least one of its own with a length of two.
      expect(bytes).toBeLessThan(damaged.length * 3);
    }
    // Enough got through that the test reached every part.
    for (const count of [units, losses, garbage, messages]) expect(count).toBeGreaterThan(100);
  });
});

test('a camera that sends damaged bytes ends the session with an error of ours, or goes on, but never hangs', async () => {
  const whole = await recording('h264', false);
  let seed = 0;
  const camera = await openScriptedCamera({
    answers: {
      PLAY: (request, { socket }) => {
        const bytes = damage(whole, randomNumbers(seed));
        socket.write(`RTSP/1.0 200 OK\r\nCSeq: ${request.headers.get('cseq')}\r\n\r\n`);
        // Some end, some fall silent.
        if (seed % 3 === 0) socket.end(bytes);
        else socket.write(bytes);
        return undefined;
      },
    },
  });
  const codes = new Map<string, number>();
  let units = 0;
  const session = async (own: number) => {
    seed = own;
    try {
      for await (const unit of receiveNative({ url: camera.url, stallTimeoutMs: 400 }, AbortSignal.timeout(20_000))) {
        units += unit.data.length > 0 ? 1 : 0;
      }
      expect.unreachable('the session ended without a reason');
    } catch (error) {
      if (!isFramegateError(error)) throw error;
      codes.set(error.code, (codes.get(error.code) ?? 0) + 1);
    }
  };
  for (let round = 0; round < 8; round += 1) {
    await Promise.all(Array.from({ length: 8 }, (_, index) => session(round * 8 + index)));
  }
  expect(units).toBeGreaterThan(100);
  expect([...codes.keys()].sort()).toEqual(['ERR_SOURCE_ENDED', 'ERR_SOURCE_STALLED']);
  expect(process.memoryUsage.rss()).toBeLessThan(2 ** 30);
});

test('damaged answers to the handshake are errors of ours', async () => {
  const random = randomNumbers(5);
  const spoil = (text: string) => {
    const bytes = Buffer.from(text.replaceAll('\n', '\r\n'));
    for (let hit = 0; hit < 3; hit += 1) bytes[random(bytes.length)] = random(256);
    return bytes.toString('latin1');
  };
  const camera = await openScriptedCamera({
    answers: {
      DESCRIBE: ({ headers }, { socket }) => {
        const body = 'v=0\nm=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=control:t\n'.replaceAll('\n', '\r\n');
        const head = `RTSP/1.0 200 OK\nCSeq: ${headers.get('cseq')}\nContent-Length: ${body.length}\n\n`;
        socket.write(Buffer.from(spoil(head + body), 'latin1'));
        return undefined;
      },
      SETUP: ({ headers }, { socket }) => {
        const transport = 'Transport: RTP/AVP/TCP;interleaved=0-1\nSession: 123;timeout=60';
        socket.write(Buffer.from(spoil(`RTSP/1.0 200 OK\nCSeq: ${headers.get('cseq')}\n${transport}\n\n`), 'latin1'));
        return undefined;
      },
    },
  });
  const outcome = async () => {
    try {
      const units = receiveNative({ url: camera.url, stallTimeoutMs: 200 }, AbortSignal.timeout(20_000));
      const first = await units.next();
      await units.return();
      return first.done ? 'ended' : 'played';
    } catch (error) {
      if (!isFramegateError(error)) throw error;
      return 'refused';
    }
  };
  const outcomes = new Set<string>();
  for (let round = 0; round < 15; round += 1) {
    for (const each of await Promise.all(Array.from({ length: 10 }, outcome))) outcomes.add(each);
  }
  expect([...outcomes].sort()).toEqual(['played', 'refused']);
});
