import { describe, expect, test } from 'vitest';
import { payloads } from '../../src/demo/rtsp-camera/rtp-payload.ts';

const bytes = (count: number, ...head: number[]) =>
  Buffer.from([...head, ...Array.from({ length: count }, (_, i) => i % 251)]);

describe('H.264', () => {
  const sps = bytes(10, 0x67);
  const pps = bytes(4, 0x68);
  const idr = bytes(250, 0x65);

  test('a NAL unit that fits is a packet as it is', () => {
    expect(payloads('h264', [sps, pps], { maxBytes: 100, aggregate: false })).toEqual([sps, pps]);
  });

  test('a longer one becomes FU-A packets that carry start, end, type and every byte', () => {
    const parts = payloads('h264', [idr], { maxBytes: 100, aggregate: false });
    expect(parts.map((part) => part.length <= 100)).toEqual([true, true, true]);
    expect(parts.map((part) => [part[0], part[1]])).toEqual([
      [0x7c, 0x85],
      [0x7c, 0x05],
      [0x7c, 0x45],
    ]);
    expect(Buffer.concat([Buffer.from([0x65]), ...parts.map((part) => part.subarray(2))])).toEqual(idr);
  });

  test('small neighbours become one STAP-A where that is wanted', () => {
    const parts = payloads('h264', [Buffer.from([9, 0xf0]), sps, pps, idr], { maxBytes: 100, aggregate: true });
    const stap = Buffer.concat([Buffer.from([0x78, 0, 2, 9, 0xf0, 0, 11]), sps, Buffer.from([0, 5]), pps]);
    expect(parts[0]).toEqual(stap);
    expect(parts).toHaveLength(4);
  });

  test('a lone small NAL unit is not wrapped', () => {
    expect(payloads('h264', [sps], { maxBytes: 100, aggregate: true })).toEqual([sps]);
  });
});

describe('H.265', () => {
  const idr = bytes(250, 0x26, 0x01);

  test('a long NAL unit becomes FU packets that carry start, end, type and every byte', () => {
    const parts = payloads('h265', [idr], { maxBytes: 100, aggregate: false });
    expect(parts.map((part) => [...part.subarray(0, 3)])).toEqual([
      [0x62, 0x01, 0x93],
      [0x62, 0x01, 0x13],
      [0x62, 0x01, 0x53],
    ]);
    expect(Buffer.concat([Buffer.from([0x26, 0x01]), ...parts.map((part) => part.subarray(3))])).toEqual(idr);
  });

  test('small neighbours become one AP', () => {
    const vps = bytes(3, 0x40, 0x01);
    const sps = bytes(3, 0x42, 0x01);
    const [ap] = payloads('h265', [vps, sps], { maxBytes: 100, aggregate: true });
    expect(ap).toEqual(Buffer.concat([Buffer.from([0x60, 0x01, 0, 5]), vps, Buffer.from([0, 5]), sps]));
  });
});
