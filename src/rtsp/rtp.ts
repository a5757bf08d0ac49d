/**
 * RTP inside an RTSP connection: RFC 3550, and RFC 2326, 10.12 for the four bytes in front of each packet.
 */

/** Ticks per second of the RTP timestamps of video. */
export const CLOCK_RATE = 90_000;
/** `$`, the first byte of an interleaved packet. */
export const INTERLEAVED_MARK = 0x24;
/** The mark, the channel and the length. */
export const INTERLEAVED_HEADER_BYTES = 4;
/** The header of RTP, without contributing sources and extension. */
export const RTP_HEADER_BYTES = 12;

/** The two interleaved channels of a track. */
export interface Channels {
  readonly rtp: number;
  readonly rtcp: number;
}

/** Reads `interleaved=0-1` of a `Transport` header; undefined when it is not there or out of range. */
export function parseChannels(transport: string): Channels | undefined {
  const [, first, second] = /interleaved=(\d+)(?:-(\d+))?/i.exec(transport) ?? [];
  if (first === undefined) return undefined;
  const rtp = Number(first);
  const rtcp = second === undefined ? rtp + 1 : Number(second);
  return rtp <= 255 && rtcp <= 255 ? { rtp, rtcp } : undefined;
}

/** Fills in the bytes in front of a packet; `packet` begins with room for them. */
export function interleave(packet: Buffer, channel: number): void {
  packet[0] = INTERLEAVED_MARK;
  packet[1] = channel;
  packet.writeUInt16BE(packet.length - INTERLEAVED_HEADER_BYTES, 2);
}
