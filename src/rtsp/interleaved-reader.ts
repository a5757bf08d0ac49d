import { parseMessage, type RtspRequest, type RtspResponse } from './messages.ts';
import { INTERLEAVED_HEADER_BYTES, INTERLEAVED_MARK } from './rtp.ts';

/** Takes what an RTSP connection carries, in the order in which it came. */
export interface InterleavedSink {
  /** An RTP or RTCP packet, `bytes[start]` to `bytes[end - 1]`; `bytes` is used again after the call. */
  packet(channel: number, bytes: Buffer, start: number, end: number): void;
  request(request: RtspRequest): void;
  response(response: RtspResponse): void;
  /** `count` bytes were skipped that are neither a packet nor a message. */
  garbage(count: number): void;
}

const RESPONSE_START = Buffer.from('RTSP/1.');
/** Cameras cut packets to what fits into an Ethernet frame. */
const USUAL_PACKET_BYTES = 2048;
const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;

/**
 * Cuts the bytes of an RTSP connection into messages and interleaved packets (RFC 2326, 10.12), in chunks of any size. A packet that lies whole
 * in a chunk is not copied. After bytes that mean nothing it finds back into step. Holds at most one packet or message.
 */
export class InterleavedReader {
  readonly #sink: InterleavedSink;
  /** The beginning of a packet or message whose end has not come; grows with what there is to carry. */
  #carry = Buffer.allocUnsafeSlow(USUAL_PACKET_BYTES);
  #carried = 0;
  #inStep = true;
  #channels: readonly number[] = [0, 1];

  constructor(sink: InterleavedSink) {
    this.#sink = sink;
  }

  /** The channels that are used: by them a packet is known after bytes that mean nothing. */
  expect(channels: readonly number[]): void {
    this.#channels = channels;
  }

  /** Takes `bytes[0]` to `bytes[length - 1]`, which may be used again after the call. */
  push(bytes: Buffer, length = bytes.length): void {
    let at = 0;
    if (this.#carried > 0) {
      if (this.#carry[0] !== INTERLEAVED_MARK || !this.#inStep) {
        const joined = Buffer.concat([this.#carry.subarray(0, this.#carried), bytes.subarray(0, length)]);
        this.#carried = 0;
        this.#read(joined, 0, joined.length);
        return;
      }
      at = this.#completePacket(bytes, length);
    }
    if (this.#carried === 0) this.#read(bytes, at, length);
  }

  /** Adds to the packet that was begun; returns where `bytes` go on. */
  #completePacket(bytes: Buffer, length: number): number {
    let at = 0;
    for (;;) {
      const known = this.#carried >= INTERLEAVED_HEADER_BYTES;
      const wanted = INTERLEAVED_HEADER_BYTES + (known ? this.#carry.readUInt16BE(2) : 0);
      const end = Math.min(length, at + wanted - this.#carried);
      this.#reserve(wanted);
      this.#carried += bytes.copy(this.#carry, this.#carried, at, end);
      at = end;
      if (this.#carried < wanted) return at;
      if (!known && this.#carry.readUInt16BE(2) > 0) continue;
      this.#carried = 0;
      this.#sink.packet(this.#carry[1] ?? 0, this.#carry, INTERLEAVED_HEADER_BYTES, wanted);
      return at;
    }
  }

  #read(bytes: Buffer, from: number, end: number): void {
    let at = from;
    while (at < end) {
      if (!this.#inStep) {
        const next = this.#findStep(bytes, at, end);
        if (next > at) this.#sink.garbage(next - at);
        at = next;
        if (!this.#inStep) break;
      }
      const taken =
        bytes[at] === INTERLEAVED_MARK ? this.#readPacket(bytes, at, end) : this.#readMessage(bytes, at, end);
      if (taken === 0) break;
      at += taken;
    }
    this.#reserve(end - at);
    this.#carried = at < end ? bytes.copy(this.#carry, 0, at, end) : 0;
  }

  /** Makes room for this many bytes in all. */
  #reserve(bytes: number): void {
    if (bytes <= this.#carry.length) return;
    const carry = Buffer.allocUnsafeSlow(bytes);
    this.#carry.copy(carry, 0, 0, this.#carried);
    this.#carry = carry;
  }

  /** Returns the length of the packet at `at`, 0 when its end has not come. */
  #readPacket(bytes: Buffer, at: number, end: number): number {
    const start = at + INTERLEAVED_HEADER_BYTES;
    if (start > end) return 0;
    const packetEnd = start + bytes.readUInt16BE(at + 2);
    if (packetEnd > end) return 0;
    this.#sink.packet(bytes[at + 1] ?? 0, bytes, start, packetEnd);
    return packetEnd - at;
  }

  /** Returns the length of the message at `at`, 0 when its end has not come. Where none is, it takes one byte and is out of step. */
  #readMessage(bytes: Buffer, at: number, end: number): number {
    // Some devices end their messages with an empty line more.
    if (bytes[at] === CARRIAGE_RETURN || bytes[at] === LINE_FEED) return 1;
    const parsed = parseMessage(bytes.subarray(at, end));
    if (parsed.kind === 'incomplete') return 0;
    if (parsed.kind === 'invalid') {
      this.#inStep = false;
      this.#sink.garbage(1);
      return 1;
    }
    if (parsed.kind === 'request') this.#sink.request(parsed.request);
    else this.#sink.response(parsed.response);
    return parsed.bytes;
  }

  /** The first place after bytes that mean nothing at which a packet or a response begins, or may begin when more has come. */
  #findStep(bytes: Buffer, from: number, end: number): number {
    for (let at = from; at < end; at += 1) {
      const left = end - at;
      if (bytes[at] === INTERLEAVED_MARK) {
        if (left > 1 && !this.#channels.includes(bytes[at + 1] ?? 0)) continue;
        // The version of RTP and RTCP is 2.
        if (left > INTERLEAVED_HEADER_BYTES) {
          if (((bytes[at + INTERLEAVED_HEADER_BYTES] ?? 0) & 0xc0) !== 0x80) continue;
          this.#inStep = true;
        }
        return at;
      }
      if (bytes[at] === RESPONSE_START[0]) {
        const length = Math.min(left, RESPONSE_START.length);
        if (bytes.compare(RESPONSE_START, 0, length, at, at + length) !== 0) continue;
        this.#inStep = length === RESPONSE_START.length;
        return at;
      }
    }
    return end;
  }
}
