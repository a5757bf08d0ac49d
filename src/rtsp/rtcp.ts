/**
 * RTCP reports (RFC 3550, 6.4 and 6.5), each with a CNAME behind it and the interleaving in front.
 */
import { INTERLEAVED_HEADER_BYTES as AT, interleave } from './rtp.ts';

const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
const SOURCE_DESCRIPTION = 202;
const SECONDS_FROM_1900_TO_1970 = 2_208_988_800;

export interface SenderReport {
  readonly ssrc: number;
  /** RTP time of the wall-clock moment `epochMs`. */
  readonly timestamp: number;
  readonly epochMs: number;
  readonly packets: number;
  readonly octets: number;
}

export interface ReceiverReport {
  /** Of the receiver. */
  readonly ssrc: number;
  /** Of the sender that is reported on. */
  readonly source: number;
  /** Since the last report, 0 to 255 for none to all. */
  readonly fractionLost: number;
  /** Since the start. */
  readonly lost: number;
  /** Sequence number with the count of its cycles in the upper half. */
  readonly highestSequence: number;
  /** The middle 32 bits of the time in the sender's last report, and how long ago that came in 1/65536 s; both 0 before the first one. */
  readonly lastReport: number;
  readonly sinceLastReport: number;
}

export function senderReport(channel: number, cname: string, report: SenderReport): Buffer {
  const packet = begin(channel, SENDER_REPORT, 28, report.ssrc, cname);
  const seconds = report.epochMs / 1000 + SECONDS_FROM_1900_TO_1970;
  packet.writeUInt32BE(Math.floor(seconds) >>> 0, AT + 8);
  packet.writeUInt32BE(Math.floor((seconds % 1) * 2 ** 32), AT + 12);
  packet.writeUInt32BE(report.timestamp, AT + 16);
  packet.writeUInt32BE(report.packets >>> 0, AT + 20);
  packet.writeUInt32BE(report.octets >>> 0, AT + 24);
  return packet;
}

export function receiverReport(channel: number, cname: string, report: ReceiverReport): Buffer {
  const packet = begin(channel, RECEIVER_REPORT, 32, report.ssrc, cname);
  packet.writeUInt8(0x81, AT); // one report block
  packet.writeUInt32BE(report.source, AT + 8);
  packet.writeUInt32BE(((report.fractionLost << 24) | Math.min(report.lost, 0x7f_ffff)) >>> 0, AT + 12);
  packet.writeUInt32BE(report.highestSequence >>> 0, AT + 16);
  packet.writeUInt32BE(report.lastReport, AT + 24);
  packet.writeUInt32BE(report.sinceLastReport >>> 0, AT + 28);
  return packet;
}

/** The middle 32 bits of the wall-clock time of a sender report at `bytes[start]`; undefined when there is none. */
export function senderReportTime(bytes: Buffer, start: number, end: number): number | undefined {
  return end - start >= 28 && bytes[start + 1] === SENDER_REPORT ? bytes.readUInt32BE(start + 10) : undefined;
}

/** A report of `length` bytes with its header and sender, the CNAME behind it, and everything else zero. */
function begin(channel: number, type: number, length: number, ssrc: number, cname: string): Buffer {
  const name = Buffer.from(cname);
  const description = 8 + Math.ceil((name.length + 3) / 4) * 4;
  const packet = Buffer.alloc(AT + length + description);
  interleave(packet, channel);
  packet.writeUInt16BE(0x8000 | type, AT);
  packet.writeUInt16BE(length / 4 - 1, AT + 2);
  packet.writeUInt32BE(ssrc, AT + 4);
  const at = AT + length;
  packet.writeUInt16BE(0x8100 | SOURCE_DESCRIPTION, at);
  packet.writeUInt16BE(description / 4 - 1, at + 2);
  packet.writeUInt32BE(ssrc, at + 4);
  packet.writeUInt8(1, at + 8); // CNAME
  packet.writeUInt8(name.length, at + 9);
  name.copy(packet, at + 10);
  return packet;
}
