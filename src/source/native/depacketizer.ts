/**
 * RTP payloads to NAL units: RFC 6184 (H.264, packetization modes 0 and 1) and RFC 7798 (H.265).
 */
import type { UnitBuilder } from './unit-builder.ts';

/** Adds what the payload `bytes[start]` to `bytes[end - 1]` carries to the access unit; false when it makes no sense. */
export type Depacketizer = (unit: UnitBuilder, bytes: Buffer, start: number, end: number) => boolean;

const FRAGMENT_START = 0x80;
const H264 = { aggregate: 24, fragment: 28, lastSingle: 23 } as const;
const H265 = { aggregate: 48, fragment: 49, lastSingle: 47 } as const;

export const depacketizeH264: Depacketizer = (unit, bytes, start, end) => {
  const indicator = bytes[start] ?? 0;
  const type = indicator & 0x1f;
  if (type >= 1 && type <= H264.lastSingle) {
    unit.add(bytes, start, end);
    return true;
  }
  if (type === H264.aggregate) return addAll(unit, bytes, start + 1, end, 0);
  if (type !== H264.fragment || end - start < 3) return false;
  const header = bytes[start + 1] ?? 0;
  if (header & FRAGMENT_START) unit.open((indicator & 0xe0) | (header & 0x1f));
  else if (!unit.isOpen) return false;
  unit.append(bytes, start + 2, end);
  return true;
};

/** @param hasOrder whether decoding order numbers are sent (`sprop-max-don-diff`): they are skipped, as TCP keeps the order. */
export function createH265Depacketizer(hasOrder: boolean): Depacketizer {
  const order = hasOrder ? 2 : 0;
  return (unit, bytes, start, end) => {
    if (end - start < 3 + order) return false;
    const first = bytes[start] ?? 0;
    const second = bytes[start + 1] ?? 0;
    const type = (first >> 1) & 0x3f;
    if (type === H265.aggregate) return addAll(unit, bytes, start + 2 + order, end, hasOrder ? 1 : 0);
    if (type <= H265.lastSingle) {
      unit.open(first, second);
      unit.append(bytes, start + 2 + order, end);
      return true;
    }
    if (type !== H265.fragment) return false;
    const header = bytes[start + 2] ?? 0;
    const isStart = (header & FRAGMENT_START) !== 0;
    const from = start + 3 + (isStart ? order : 0);
    if (isStart) unit.open((first & 0x81) | ((header & 0x3f) << 1), second);
    else if (!unit.isOpen) return false;
    if (from >= end) return false;
    unit.append(bytes, from, end);
    return true;
  };
}

/** Adds the parts of an aggregation packet, each with its length in two bytes in front; `between` bytes stand before each but the first. */
function addAll(unit: UnitBuilder, bytes: Buffer, start: number, end: number, between: number): boolean {
  for (let at = start; at < end; at += between) {
    const from = at + 2;
    const to = from + (from <= end ? bytes.readUInt16BE(at) : 0);
    if (to <= from || to > end) return false;
    unit.add(bytes, from, to);
    at = to;
  }
  return true;
}
