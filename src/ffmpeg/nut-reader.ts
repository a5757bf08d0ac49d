import { FLAG, NUT_FILE_ID, type NutPacket, type NutStream, STARTCODE } from './nut.ts';
import { corrupt, NutCursor } from './nut-cursor.ts';

/** Larger than any packet that a camera sends (a 4K keyframe is about 2 MB); beyond it the stream is taken for corrupt. */
const MAX_PACKET_BYTES = 32 * 1024 * 1024;

interface FrameCode {
  readonly flags: number;
  readonly ptsDelta: number;
  readonly streamId: number;
  readonly sizeMul: number;
  readonly sizeLsb: number;
  readonly reserved: number;
  readonly headerIndex: number;
}

/**
 * Takes the bytes of a NUT file with one video stream, in chunks of any size, and gives its packets.
 * Throws ERR_STREAM_CORRUPT for what is no NUT: the pipe is local, so that is a fault of the program that writes it, not of a camera.
 */
export class NutReader {
  #chunks: Buffer[] = [];
  #buffered = 0;
  /** Bytes that must have come before parsing is worth another try. */
  #wanted = NUT_FILE_ID.length;
  #started = false;
  #timeBases: Array<readonly [number, number]> = [];
  #codes: FrameCode[] = [];
  #elided: Buffer[] = [Buffer.alloc(0)];
  #msbPtsShift = 0;
  #lastPts = 0;
  #stream: NutStream | undefined;

  /** Known once the header has come. */
  get stream(): NutStream | undefined {
    return this.#stream;
  }

  *push(chunk: Buffer): Generator<NutPacket> {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    if (this.#buffered < this.#wanted) return;
    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#buffered);
    let offset = 0;
    this.#wanted = 0;
    while (offset < bytes.length) {
      const cursor = new NutCursor(bytes, offset);
      const packet = this.#next(cursor);
      if (cursor.short) {
        this.#wanted = Math.max(cursor.wanted - offset, bytes.length - offset + 1);
        break;
      }
      offset = cursor.offset;
      if (packet) yield packet;
    }
    const rest = bytes.subarray(offset);
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#buffered = rest.length;
  }

  /** One step: the file id, a header, or a packet. Commits nothing when the cursor runs short. */
  #next(cursor: NutCursor): NutPacket | undefined {
    if (!this.#started) {
      const id = cursor.bytes(NUT_FILE_ID.length);
      if (!cursor.short && !id.equals(NUT_FILE_ID)) throw corrupt('it does not begin like NUT');
      this.#started = !cursor.short;
      return undefined;
    }
    if (cursor.peek() === 0x4e) {
      this.#header(cursor);
      return undefined;
    }
    return this.#packet(cursor);
  }

  #header(cursor: NutCursor): void {
    const startcode = cursor.u64();
    const length = cursor.varint();
    if (length > 4096) cursor.u32();
    const body = cursor.bytes(length);
    if (cursor.short) return;
    const inner = new NutCursor(body, 0);
    if (startcode === STARTCODE.main) this.#mainHeader(inner);
    else if (startcode === STARTCODE.stream) this.#streamHeader(inner);
    else if (startcode === STARTCODE.syncpoint) this.#syncpoint(inner);
    else if (startcode !== STARTCODE.info && startcode !== STARTCODE.index) throw corrupt('unknown start code');
    if (inner.short) throw corrupt('a header is too short');
  }

  #mainHeader(cursor: NutCursor): void {
    const version = cursor.varint();
    if (version > 3) cursor.varint();
    cursor.varint(); // stream count: ffmpeg was told to map one
    cursor.varint(); // max distance
    this.#timeBases = Array.from(
      { length: Math.min(cursor.varint(), 16) },
      () => [cursor.varint(), cursor.varint()] as const,
    );
    this.#codes = readFrameCodes(cursor);
    const headers = cursor.varint();
    this.#elided = [Buffer.alloc(0)];
    for (let index = 0; index < headers && index < 128; index += 1) this.#elided.push(cursor.bytes(cursor.varint()));
  }

  #streamHeader(cursor: NutCursor): void {
    if (this.#stream) return; // ffmpeg repeats its headers from time to time
    cursor.varint(); // stream id
    if (cursor.varint() !== 0) throw corrupt('the first stream is no video');
    const fourcc = cursor.bytes(cursor.varint()).toString('latin1');
    const timeBase = this.#timeBases[cursor.varint()] ?? [1, 1];
    this.#msbPtsShift = cursor.varint();
    cursor.varint(); // max pts distance
    cursor.varint(); // decode delay
    cursor.varint(); // stream flags
    const extradata = Buffer.from(cursor.bytes(cursor.varint()));
    this.#stream = { fourcc, timeBase, width: cursor.varint(), height: cursor.varint(), extradata };
  }

  #syncpoint(cursor: NutCursor): void {
    const coded = cursor.varint();
    const [numerator, denominator] = this.#timeBases[coded % this.#timeBases.length] ?? [1, 1];
    const own = this.#stream?.timeBase ?? [1, 1];
    const ticks = Math.floor(coded / this.#timeBases.length);
    this.#lastPts = Math.floor((ticks * numerator * own[1]) / (denominator * own[0]));
  }

  #packet(cursor: NutCursor): NutPacket | undefined {
    const code = this.#codes[cursor.u8()];
    if (!code) throw corrupt('a packet comes before the header');
    let { flags, sizeLsb: size, reserved, headerIndex } = code;
    if (flags & FLAG.coded) flags ^= cursor.varint();
    if (flags & FLAG.invalid) throw corrupt('invalid frame code');
    const streamId = flags & FLAG.streamId ? cursor.varint() : code.streamId;
    const pts = flags & FLAG.codedPts ? this.#fullPts(cursor.varint()) : this.#lastPts + code.ptsDelta;
    if (flags & FLAG.sizeMsb) size += code.sizeMul * cursor.varint();
    if (flags & FLAG.matchTime) cursor.varint();
    if (flags & FLAG.headerIndex) headerIndex = cursor.varint();
    if (flags & FLAG.reserved) reserved = cursor.varint();
    for (let index = 0; index < reserved && !cursor.short; index += 1) cursor.varint();
    if (flags & FLAG.checksum) cursor.u32();
    const elided = this.#elided[headerIndex];
    if (!elided || size > MAX_PACKET_BYTES) throw corrupt('impossible packet size');
    const payload = cursor.bytes(size - elided.length);
    if (cursor.short) return undefined;
    this.#lastPts = pts;
    if (streamId !== 0) return undefined;
    const data = elided.length > 0 ? Buffer.concat([elided, payload]) : payload;
    return { pts, key: (flags & FLAG.key) !== 0, data };
  }

  /** Only the low bits of a timestamp may be written; the rest follows from the one before. */
  #fullPts(coded: number): number {
    const range = 2 ** this.#msbPtsShift;
    if (coded >= range) return coded - range;
    const lowest = this.#lastPts - Math.floor((range - 1) / 2);
    return lowest + ((((coded - lowest) % range) + range) % range);
  }
}

function readFrameCodes(cursor: NutCursor): FrameCode[] {
  const codes: FrameCode[] = [];
  let [ptsDelta, sizeMul, streamId, headerIndex] = [0, 1, 0, 0];
  while (codes.length < 256) {
    const flags = cursor.varint();
    const fields = cursor.varint();
    if (fields > 0) ptsDelta = cursor.signed();
    if (fields > 1) sizeMul = cursor.varint();
    if (fields > 2) streamId = cursor.varint();
    const size = fields > 3 ? cursor.varint() : 0;
    const reserved = fields > 4 ? cursor.varint() : 0;
    const count = fields > 5 ? cursor.varint() : sizeMul - size;
    if (fields > 6) cursor.signed();
    if (fields > 7) headerIndex = cursor.varint();
    for (let index = 8; index < fields && !cursor.short; index += 1) cursor.varint();
    if (count <= 0 || cursor.short) throw corrupt('bad frame code table');
    for (let index = 0; index < count && codes.length < 256; index += 1) {
      // The code 'N' begins a start code and never a packet.
      if (codes.length === 0x4e)
        codes.push({ flags: FLAG.invalid, ptsDelta, streamId, sizeMul, sizeLsb: 0, reserved, headerIndex });
      codes.push({ flags, ptsDelta, streamId, sizeMul, sizeLsb: size + index, reserved, headerIndex });
    }
  }
  return codes;
}
