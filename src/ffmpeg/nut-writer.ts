import { FLAG, NUT_FILE_ID, type NutPacket, type NutStream, STARTCODE } from './nut.ts';
import { nutCrc } from './nut-crc.ts';

/** In this mode no syncpoint but the first is needed, so that a decoder's memory does not grow with the stream (each one is kept by it). */
const NUT_PIPE = 2;

/** The head of a NUT file with one video stream; packets made by `nutPacket` follow it. */
export function nutHeader(stream: NutStream): Buffer {
  const main = [
    ...varint(4), // version 4 knows the pipe mode
    ...varint(0), // minor version
    ...varint(1), // streams
    ...varint(65_536), // max distance
    ...varint(1), // time bases
    ...varint(stream.timeBase[0]),
    ...varint(stream.timeBase[1]),
    // One entry for all frame codes: everything is written out with the packet.
    ...varint(FLAG.coded),
    ...varint(6),
    ...varint(0), // pts delta 0 (signed 0 is coded as 0)
    ...varint(1), // size multiplier
    ...varint(0), // stream
    ...varint(0), // size
    ...varint(0), // reserved
    ...varint(255), // count: all but 'N'
    ...varint(0), // no elision headers
    ...varint(NUT_PIPE),
  ];
  const video = [
    ...varint(0), // stream id
    ...varint(0), // class: video
    ...varint(stream.fourcc.length),
    ...Buffer.from(stream.fourcc, 'latin1'),
    ...varint(0), // time base
    ...varint(0), // msb pts shift: timestamps are written whole
    ...varint(1), // max pts distance: irrelevant, every packet has a checksum
    ...varint(0), // decode delay
    ...varint(0), // flags
    ...varint(stream.extradata.length),
    ...stream.extradata,
    ...varint(stream.width),
    ...varint(stream.height),
    ...varint(0), // sample aspect ratio unknown
    ...varint(0),
    ...varint(0), // colour space unknown
  ];
  const syncpoint = [...varint(0), ...varint(0)];
  return Buffer.concat([
    NUT_FILE_ID,
    section(STARTCODE.main, main),
    section(STARTCODE.stream, video),
    section(STARTCODE.syncpoint, syncpoint),
  ]);
}

/** Bytes of the head of a packet at most: frame code, flags, two numbers of up to 53 bits, checksum. */
const MAX_HEAD = 1 + 2 + 8 + 8 + 4;

/** One packet with `front` before its data, in pieces so that nothing need be copied. `pts` must not be negative. */
export function nutPacket(packet: NutPacket, front?: Buffer): readonly Buffer[] {
  const flags = FLAG.coded | FLAG.codedPts | FLAG.sizeMsb | FLAG.checksum | (packet.key ? FLAG.key : 0);
  // Made for every picture of every camera that is awake, so without arrays in between.
  const head = Buffer.allocUnsafe(MAX_HEAD);
  head[0] = 0;
  let end = writeVarint(head, 1, flags);
  end = writeVarint(head, end, packet.pts + 1);
  end = writeVarint(head, end, packet.data.length + (front?.length ?? 0));
  end = head.writeUInt32BE(nutCrc(head.subarray(0, end)), end);
  return [head.subarray(0, end), ...(front ? [front] : []), packet.data];
}

/** Writes what `varint` gives at `offset`; returns where it ends. */
function writeVarint(buffer: Buffer, offset: number, value: number): number {
  let length = 1;
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) length += 1;
  let rest = value;
  for (let index = length - 1; index >= 0; index -= 1) {
    buffer[offset + index] = (rest % 128) | (index < length - 1 ? 0x80 : 0);
    rest = Math.floor(rest / 128);
  }
  return offset + length;
}

function section(startcode: bigint, body: readonly number[]): Buffer {
  const start = Buffer.alloc(8);
  start.writeBigUInt64BE(startcode);
  const length = Buffer.from(varint(body.length + 4));
  const lengthCrc = body.length + 4 > 4096 ? u32(nutCrc(Buffer.concat([start, length]))) : Buffer.alloc(0);
  const bytes = Buffer.from(body);
  return Buffer.concat([start, length, lengthCrc, bytes, u32(nutCrc(bytes))]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function varint(value: number): number[] {
  const bytes = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift((rest % 128) | 0x80);
  return bytes;
}
