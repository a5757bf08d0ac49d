import { randomBytes } from 'node:crypto';
import { receiverReport, senderReportTime } from '../../rtsp/rtcp.ts';
import { type Channels, RTP_HEADER_BYTES } from '../../rtsp/rtp.ts';
import type { Assembler } from './assembler.ts';

const CNAME = 'framegate';
/** Over TCP nothing is overtaken, so this many old numbers in a row are a sender that started to count anew. */
const MAX_LATE = 16;

/** Reads the RTP packets of one track (RFC 3550), notices what is missing, and reports on it. */
export class RtpReceiver {
  readonly #channels: Channels;
  readonly #payloadType: number;
  readonly #assembler: Assembler;
  readonly #ssrc = randomBytes(4).readUInt32BE();
  #source = 0;
  /** Sequence number of the next packet; -1 before the first. */
  #expected = -1;
  #late = 0;
  #cycles = 0;
  #received = 0;
  #lost = 0;
  #reported = { received: 0, lost: 0 };
  #senderTime = 0;
  #senderTimeAt = 0;

  constructor(channels: Channels, payloadType: number, assembler: Assembler) {
    this.#channels = channels;
    this.#payloadType = payloadType;
    this.#assembler = assembler;
  }

  /** Takes the packet `bytes[start]` to `bytes[end - 1]`; true when it belongs to the stream. */
  packet(channel: number, bytes: Buffer, start: number, end: number): boolean {
    if (channel === this.#channels.rtcp) this.#senderReport(bytes, start, end);
    if (channel !== this.#channels.rtp || end - start < RTP_HEADER_BYTES) return false;
    const flags = bytes[start] ?? 0;
    const marker = bytes[start + 1] ?? 0;
    if ((flags & 0xc0) !== 0x80 || (marker & 0x7f) !== this.#payloadType) return false;
    const timestamp = bytes.readUInt32BE(start + 4);
    const missing = this.#count(bytes.readUInt16BE(start + 2));
    if (missing < 0) return true;
    if (missing > 0) this.#assembler.gap(timestamp);
    this.#source = bytes.readUInt32BE(start + 8);
    const from = payloadStart(bytes, start, end, flags);
    const to = flags & 0x20 ? end - (bytes[end - 1] ?? 0) : end;
    if (from > to) this.#assembler.gap(timestamp);
    else this.#assembler.packet(bytes, from, to, timestamp, (marker & 0x80) !== 0);
    return true;
  }

  /** A receiver report to send; undefined before the first packet. */
  report(): Buffer | undefined {
    if (this.#expected < 0) return undefined;
    const lost = this.#lost - this.#reported.lost;
    const all = lost + this.#received - this.#reported.received;
    this.#reported = { received: this.#received, lost: this.#lost };
    const since = this.#senderTime === 0 ? 0 : performance.now() - this.#senderTimeAt;
    return receiverReport(this.#channels.rtcp, CNAME, {
      ssrc: this.#ssrc,
      source: this.#source,
      fractionLost: all > 0 ? Math.floor((lost * 255) / all) : 0,
      lost: this.#lost,
      highestSequence: this.#cycles * 0x1_0000 + ((this.#expected - 1) & 0xffff),
      lastReport: this.#senderTime,
      sinceLastReport: Math.round(since * 65.536),
    });
  }

  /** Returns how many packets are missing in front of this one, or -1 when it is a repeated or an old one. */
  #count(sequence: number): number {
    const ahead = this.#expected < 0 ? 0 : (sequence - this.#expected) & 0xffff;
    const isLate = ahead >= 0x8000;
    this.#late = isLate ? this.#late + 1 : 0;
    if (isLate && this.#late < MAX_LATE) return -1;
    this.#late = 0;
    if (sequence < this.#expected) this.#cycles = (this.#cycles + 1) & 0xffff;
    this.#expected = sequence + 1;
    this.#received += 1;
    const missing = isLate ? 1 : ahead;
    this.#lost += missing;
    return missing;
  }

  #senderReport(bytes: Buffer, start: number, end: number): void {
    const time = senderReportTime(bytes, start, end);
    if (time === undefined) return;
    this.#senderTime = time;
    this.#senderTimeAt = performance.now();
  }
}

/** Where the payload begins, behind contributing sources and extension; beyond `end` when the packet is cut short. */
function payloadStart(bytes: Buffer, start: number, end: number, flags: number): number {
  const at = start + RTP_HEADER_BYTES + (flags & 0x0f) * 4;
  if (!(flags & 0x10)) return at;
  return at + 4 > end ? end + 1 : at + 4 + bytes.readUInt16BE(at + 2) * 4;
}
