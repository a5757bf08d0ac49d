/**
 * RTP and RTCP packets (RFC 3550), each with the four bytes in front that carry it inside an RTSP connection (RFC 2326, 10.12).
 */
import { randomBytes } from 'node:crypto';

/** Ticks per second of the RTP timestamps of video. */
export const CLOCK_RATE = 90_000;
/** The dynamic payload type that the SDP announces. */
export const PAYLOAD_TYPE = 96;
/** Bytes of a packet before its payload: interleaving, then RTP header. */
export const HEADER_BYTES = 4 + 12;

const SECONDS_FROM_1900_TO_1970 = 2_208_988_800;
const CNAME = Buffer.from('framegate-demo');

/** The two interleaved channels that the client asked for. */
export interface Channels {
  readonly rtp: number;
  readonly rtcp: number;
}

/** The packets of one client: their numbering and counts. */
export class RtpTrack {
  readonly #channels: Channels;
  readonly #ssrc = randomBytes(4).readUInt32BE();
  #sequence = randomBytes(2).readUInt16BE();
  #packets = 0;
  #octets = 0;

  constructor(channels: Channels) {
    this.#channels = channels;
  }

  /** Sequence number of the packet to come. */
  get nextSequence(): number {
    return this.#sequence;
  }

  packet(payload: Buffer, timestamp: number, marker: boolean): Buffer {
    const packet = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
    interleave(packet, this.#channels.rtp);
    packet[4] = 0x80;
    packet[5] = PAYLOAD_TYPE | (marker ? 0x80 : 0);
    packet.writeUInt16BE(this.#sequence, 6);
    packet.writeUInt32BE(timestamp, 8);
    packet.writeUInt32BE(this.#ssrc, 12);
    payload.copy(packet, HEADER_BYTES);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#packets += 1;
    this.#octets += payload.length;
    return packet;
  }

  /** A sender report with a CNAME: `timestamp` is the RTP time of the wall-clock moment `epochMs`. */
  senderReport(timestamp: number, epochMs: number): Buffer {
    const report = Buffer.alloc(4 + 28 + 12 + Math.ceil((CNAME.length + 1) / 4) * 4);
    interleave(report, this.#channels.rtcp);
    const seconds = epochMs / 1000 + SECONDS_FROM_1900_TO_1970;
    report.writeUInt32BE(0x80c8_0006, 4);
    report.writeUInt32BE(this.#ssrc, 8);
    report.writeUInt32BE(Math.floor(seconds) >>> 0, 12);
    report.writeUInt32BE(Math.floor((seconds % 1) * 2 ** 32), 16);
    report.writeUInt32BE(timestamp, 20);
    report.writeUInt32BE(this.#packets >>> 0, 24);
    report.writeUInt32BE(this.#octets >>> 0, 28);
    report.writeUInt16BE(0x81ca, 32);
    report.writeUInt16BE((report.length - 32) / 4 - 1, 34);
    report.writeUInt32BE(this.#ssrc, 36);
    report.writeUInt8(1, 40);
    report.writeUInt8(CNAME.length, 41);
    CNAME.copy(report, 42);
    return report;
  }
}

function interleave(packet: Buffer, channel: number): void {
  packet[0] = 0x24;
  packet[1] = channel;
  packet.writeUInt16BE(packet.length - 4, 2);
}
