import { randomBytes } from 'node:crypto';
import { senderReport } from '../../rtsp/rtcp.ts';
import { type Channels, INTERLEAVED_HEADER_BYTES, interleave, RTP_HEADER_BYTES } from '../../rtsp/rtp.ts';

/** The dynamic payload type that the SDP announces. */
export const PAYLOAD_TYPE = 96;
/** Bytes of a packet before its payload: interleaving, then RTP header. */
export const HEADER_BYTES = INTERLEAVED_HEADER_BYTES + RTP_HEADER_BYTES;

const CNAME = 'framegate-demo';

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

  /** A sender report: `timestamp` is the RTP time of the wall-clock moment `epochMs`. */
  senderReport(timestamp: number, epochMs: number): Buffer {
    return senderReport(this.#channels.rtcp, CNAME, {
      ssrc: this.#ssrc,
      timestamp,
      epochMs,
      packets: this.#packets,
      octets: this.#octets,
    });
  }
}
