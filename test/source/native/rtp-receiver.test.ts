import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { payloads } from '../../../src/demo/rtsp-camera/rtp-payload.ts';
import { joinNals } from '../../../src/rtsp/annex-b.ts';
import { isParameterSet, type VideoCodec } from '../../../src/rtsp/nal.ts';
import { type AssembledUnit, Assembler } from '../../../src/source/native/assembler.ts';
import { createH265Depacketizer, depacketizeH264 } from '../../../src/source/native/depacketizer.ts';
import { RtpReceiver } from '../../../src/source/native/rtp-receiver.ts';
import { makeClip } from '../../helpers/clips.ts';
import { accessUnits, encode } from '../../rtsp/encode.ts';

const TYPE = 96;

interface PacketParts {
  readonly sequence: number;
  readonly timestamp: number;
  readonly marker?: boolean;
  readonly payload: Buffer;
  readonly type?: number;
  /** Contributing sources, words of extension, bytes of padding. */
  readonly extra?: readonly [sources: number, extension: number, padding: number];
}

function rtp({ sequence, timestamp, marker = false, payload, type = TYPE, extra = [0, -1, 0] }: PacketParts): Buffer {
  const [sources, extension, padding] = extra;
  const head = Buffer.alloc(12 + sources * 4 + (extension < 0 ? 0 : 4 + extension * 4), 0xcc);
  head[0] = 0x80 | sources | (extension < 0 ? 0 : 0x10) | (padding > 0 ? 0x20 : 0);
  head[1] = type | (marker ? 0x80 : 0);
  head.writeUInt16BE(sequence & 0xffff, 2);
  head.writeUInt32BE(timestamp >>> 0, 4);
  head.writeUInt32BE(7, 8);
  if (extension >= 0) head.writeUInt16BE(extension, 12 + sources * 4 + 2);
  return Buffer.concat([head, payload, Buffer.alloc(padding, padding)]);
}

function open(codec: VideoCodec, options: { sets?: readonly Buffer[]; hasOrder?: boolean } = {}) {
  const units: AssembledUnit[] = [];
  const losses: string[] = [];
  const assembler = new Assembler({
    codec,
    depacketize: codec === 'h264' ? depacketizeH264 : createH265Depacketizer(options.hasOrder ?? false),
    parameterSets: options.sets ?? [],
    onUnit: (unit) => units.push(unit),
    onLoss: (reason) => losses.push(reason),
  });
  const receiver = new RtpReceiver({ rtp: 0, rtcp: 1 }, TYPE, assembler);
  const feed = (...packets: Buffer[]) => {
    for (const packet of packets) receiver.packet(0, packet, 0, packet.length);
  };
  return { units, losses, receiver, feed };
}

/** The pictures of a clip, each with its packets; numbered from `first`. */
async function pictures(codec: VideoCodec, options: { slices?: number; first?: number; timestamp?: number } = {}) {
  const clip = await makeClip({ codec, fps: 50, gop: 5, seconds: 0.5, slices: options.slices ?? 1, height: 480 });
  let sequence = options.first ?? 0;
  return accessUnits(codec, await readFile(clip.file)).map(({ nals }, index) => {
    const parts = payloads(codec, nals, { maxBytes: 1000, aggregate: false });
    const timestamp = ((options.timestamp ?? 1000) + index * 1800) % 2 ** 32;
    const packets = parts.map((payload, at): PacketParts => {
      const marker = at === parts.length - 1;
      return { sequence: sequence++, timestamp, marker, payload };
    });
    return { data: joinNals(nals), nals, packets };
  });
}

const all = (list: ReadonlyArray<{ readonly packets: readonly PacketParts[] }>) =>
  list.flatMap(({ packets }) => packets);
const datas = (list: ReadonlyArray<{ readonly data: Buffer }>) => list.map(({ data }) => data.toString('hex'));

describe('packets', () => {
  test('may carry padding, contributing sources and an extension', async () => {
    const list = await pictures('h264');
    const { units, losses, feed } = open('h264');
    const extras = [
      [0, -1, 0],
      [2, -1, 0],
      [0, 0, 0],
      [0, 3, 4],
      [15, 1, 200],
    ] as const;
    feed(...all(list).map((packet, index) => rtp({ ...packet, extra: extras[index % extras.length]! })));
    expect(datas(units)).toEqual(datas(list));
    expect(losses).toEqual([]);
  });

  test('that hold nothing but padding, or belong to another stream, change nothing', async () => {
    const list = await pictures('h264');
    const { units, losses, feed, receiver } = open('h264');
    let sequence = 0;
    for (const packet of all(list)) {
      feed(rtp({ ...packet, sequence: sequence++ }));
      const empty = { ...packet, payload: Buffer.alloc(0), marker: false };
      feed(rtp({ ...empty, sequence: sequence++, extra: [0, -1, 9] }), rtp({ ...packet, sequence: 5, type: 97 }));
      expect(receiver.packet(2, rtp(packet), 0, 20)).toBe(false);
      expect(receiver.packet(0, Buffer.from('not RTP, but long enough'), 0, 24)).toBe(false);
    }
    expect(datas(units)).toEqual(datas(list));
    expect(losses).toEqual([]);
  });

  test('that come twice or late are ignored, and the numbers wrap', async () => {
    const list = await pictures('h264', { first: 65_530 });
    const { units, losses, feed } = open('h264');
    for (const [index, packet] of all(list).entries()) {
      feed(rtp(packet));
      if (index % 3 === 0) feed(rtp(packet));
      if (index % 7 === 0) feed(rtp({ ...packet, sequence: packet.sequence - 5 }));
    }
    expect(datas(units)).toEqual(datas(list));
    expect(losses).toEqual([]);
  });

  test('of a sender that counts anew are taken again soon', async () => {
    const list = await pictures('h264', { first: 20_000 });
    const { units, losses, feed } = open('h264');
    feed(...all(list).map(rtp));
    feed(...all(list).map((packet) => rtp({ ...packet, sequence: packet.sequence - 10_000 })));
    const again = units.slice(list.length);
    expect(again.length).toBeGreaterThan(list.length / 2);
    expect(again[0]?.key).toBe(true);
    expect(losses.length).toBeGreaterThan(0);
  });

  test('with impossible lengths are losses, not reads beyond the end', async () => {
    const list = await pictures('h264');
    const { units, losses, feed } = open('h264');
    feed(...all(list.slice(0, 2)).map(rtp));
    const [next] = list[2]!.packets;
    const broken = rtp(next!);
    broken[0] = 0x9f; // sources and an extension that are not there
    feed(broken.subarray(0, 14), ...all(list.slice(3, 7)).map(rtp));
    expect(datas(units)).toEqual(datas([...list.slice(0, 2), ...list.slice(5, 7)]));
    expect(losses).toContain('packet_loss');
  });
});

describe.each(['h264', 'h265'] as const)('%s access units', (codec) => {
  test('end where the timestamp changes when no packet is marked', async () => {
    const list = await pictures(codec, { slices: 2 });
    const { units, losses, feed } = open(codec);
    feed(...all(list).map((packet) => rtp({ ...packet, marker: false })));
    expect(datas(units)).toEqual(datas(list.slice(0, -1)));
    expect(losses).toEqual([]);
  });

  test('are whole from the next keyframe on where each slice is marked', async () => {
    const list = await pictures(codec, { slices: 3 });
    const { units, losses, feed } = open(codec);
    for (const { packets } of list) {
      for (const packet of packets) {
        // A fragment is marked when it is the last of its NAL unit; what is no fragment is a NAL unit.
        const [first = 0, second = 0, third = 0] = packet.payload;
        const fragment = codec === 'h264' ? (first & 0x1f) === 28 && second : ((first >> 1) & 0x3f) === 49 && third;
        feed(rtp({ ...packet, marker: typeof fragment === 'boolean' || (fragment & 0x40) !== 0 }));
      }
    }
    expect(datas(units.slice(1))).toEqual(datas(list.slice(5, -1)));
    expect(losses.length).toBeGreaterThan(0);
  });

  test('take in parameter sets that are marked, and have a timestamp of their own', async () => {
    const list = await pictures(codec);
    const { units, losses, feed } = open(codec);
    for (const { packets, nals } of list) {
      const sets = nals.filter((nal) => isParameterSet(codec, nal)).length;
      for (const [index, packet] of packets.entries()) {
        const isSet = sets > 0 && index < sets;
        feed(rtp({ ...packet, ...(isSet && { marker: true, timestamp: packet.timestamp - 900 + index }) }));
      }
    }
    expect(datas(units)).toEqual(datas(list));
    expect(losses).toEqual([]);
  });

  test('that are damaged are left out, with all that follow up to the next keyframe', async () => {
    const list = await pictures(codec);
    const { units, losses, feed } = open(codec);
    const lost = new Set([list[2]!.packets[0]!, list[12]!.packets.at(-1)!]);
    feed(
      ...all(list)
        .filter((packet) => !lost.has(packet))
        .map(rtp),
    );
    expect(datas(units)).toEqual(datas([...list.slice(0, 2), ...list.slice(5, 12), ...list.slice(15)]));
    expect(losses).toEqual([
      'packet_loss',
      'not_decodable',
      'not_decodable',
      'packet_loss',
      'not_decodable',
      'not_decodable',
    ]);
  });

  test('that are lost as a whole cost no keyframe behind them', async () => {
    const list = await pictures(codec);
    const { units, losses, feed } = open(codec);
    feed(...all([...list.slice(0, 4), ...list.slice(5)]).map(rtp));
    expect(datas(units)).toEqual(datas([...list.slice(0, 4), ...list.slice(5)]));
    expect(losses).toEqual(['packet_loss']);
  });

  test('are not handed on before the first keyframe, and that is no loss', async () => {
    const list = await pictures(codec);
    const { units, losses, feed } = open(codec);
    feed(...all(list).slice(3).map(rtp));
    expect(datas(units)).toEqual(datas(list.slice(5)));
    expect(losses).toEqual([]);
  });

  test('count on where the timestamp wraps', async () => {
    const list = await pictures(codec, { timestamp: 2 ** 32 - 5 * 1800 });
    const { units, feed } = open(codec);
    feed(...all(list).map(rtp));
    expect(units.map(({ pts }) => pts)).toEqual(list.map((_, index) => 2 ** 32 + (index - 5) * 1800));
  });

  test('beyond every size are given up, and the next keyframe is taken', async () => {
    const list = await pictures(codec);
    const { units, losses, feed } = open(codec);
    feed(...all(list.slice(0, 1)).map(rtp));
    const rest = codec === 'h264' ? [0x7c, 0x01] : [0x62, 0x01, 0x01];
    const start = codec === 'h264' ? [0x7c, 0x81] : [0x62, 0x01, 0x81];
    let sequence = list[0]!.packets.at(-1)!.sequence + 1;
    for (let index = 0; index < 600; index += 1) {
      const payload = Buffer.concat([Buffer.from(index === 0 ? start : rest), Buffer.alloc(64_000, 0xee)]);
      feed(rtp({ sequence: sequence++, timestamp: 9999, payload }));
    }
    feed(...all(list.slice(5, 6)).map((packet) => rtp({ ...packet, sequence: sequence++ })));
    expect(datas(units)).toEqual(datas([list[0]!, list[5]!]));
    expect(losses).toEqual(['too_large']);
  });
});

test('H.265 with decoding order numbers: they are taken out, from single, aggregated and fragmented NAL units', async () => {
  const list = await pictures('h265');
  const plain = open('h265');
  const { units, losses, feed } = open('h265', { hasOrder: true });
  const order = Buffer.from([0xab, 0xcd]);
  let sequence = 0;
  for (const { nals, packets } of list) {
    const { timestamp } = packets[0]!;
    const small = nals.filter((nal) => nal.length < 300);
    const large = nals.filter((nal) => nal.length >= 300);
    const send = (payload: Buffer, marker = false) => feed(rtp({ sequence: sequence++, timestamp, payload, marker }));
    if (small.length > 1) {
      const parts = small.flatMap((nal, index) => [
        index === 0 ? order : Buffer.from([0x01]),
        Buffer.from([nal.length >> 8, nal.length & 0xff]),
        nal,
      ]);
      send(Buffer.concat([Buffer.from([48 << 1, 1]), ...parts]), large.length === 0);
    } else if (small[0])
      send(Buffer.concat([small[0].subarray(0, 2), order, small[0].subarray(2)]), large.length === 0);
    for (const [at, nal] of large.entries()) {
      const fragments = payloads('h265', [nal], { maxBytes: 290, aggregate: false });
      for (const [index, part] of fragments.entries()) {
        const withOrder = index === 0 ? Buffer.concat([part.subarray(0, 3), order, part.subarray(3)]) : part;
        send(withOrder, at === large.length - 1 && index === fragments.length - 1);
      }
    }
  }
  expect(datas(units)).toEqual(datas(list));
  expect(losses).toEqual([]);
  expect(plain.units).toEqual([]);
});

describe('a stream without IDR', () => {
  async function join(params: string, frames: number) {
    const list = accessUnits('h264', await encode({ codec: 'h264', frames, params: `${params}:bframes=0:scenecut=0` }));
    const { units, losses, feed } = open('h264');
    let sequence = 0;
    // The client joins after the only IDR.
    for (const [index, { nals }] of list.entries()) {
      if (index === 0) continue;
      const parts = payloads('h264', nals, { maxBytes: 1400, aggregate: false });
      for (const [at, payload] of parts.entries())
        feed(rtp({ sequence: sequence++, timestamp: index * 9000, payload, marker: at === parts.length - 1 }));
    }
    return { units, losses, list };
  }

  test('is begun at a recovery point of intra refresh once none can be expected any more', async () => {
    const { units, losses } = await join('intra-refresh=1:keyint=20', 120);
    expect(units[0]).toMatchObject({ key: true });
    const seconds = units[0]!.pts / 90_000;
    expect(seconds).toBeGreaterThanOrEqual(5);
    expect(seconds).toBeLessThanOrEqual(7.2);
    expect(units.filter(({ key }) => key).length).toBeGreaterThan(1);
    expect(units).toHaveLength(120 - Math.round(seconds * 10));
    expect(losses).toEqual([]);
  });

  test('is not begun where there is no place to begin', async () => {
    const { units } = await join('keyint=1000', 120);
    expect(units).toEqual([]);
  });
});

describe('receiver reports', () => {
  test('say what was lost, and what the sender said last', async () => {
    const list = await pictures('h264', { first: 65_500 });
    const { receiver, feed } = open('h264');
    expect(receiver.report()).toBeUndefined();
    const packets = all(list).map(rtp);
    const kept = packets.filter((_, index) => index % 4 !== 1);
    const before = kept.length;
    feed(...kept);
    const sender = Buffer.alloc(28);
    sender.writeUInt16BE(0x80c8, 0);
    sender.writeUInt32BE(0x1234_5678, 8);
    sender.writeUInt32BE(0x9abc_def0, 12);
    receiver.packet(1, sender, 0, sender.length);
    const report = receiver.report()!;
    const last = 65_500 + packets.length - ((packets.length - 1) % 4 === 1 ? 2 : 1);
    const lost = last - 65_500 + 1 - before;
    expect(report.readUInt32BE(4 + 8)).toBe(7);
    expect(report[4 + 12]).toBe(Math.floor((lost * 255) / (lost + before)));
    expect(report.readUInt32BE(4 + 12) & 0xff_ffff).toBe(lost);
    expect(report.readUInt32BE(4 + 16)).toBe(last);
    expect(report.readUInt32BE(4 + 24)).toBe(0x5678_9abc);
    expect(report.readUInt32BE(4 + 28)).toBeLessThan(65_536);
    expect(receiver.report()![4 + 12]).toBe(0);
  });
});
