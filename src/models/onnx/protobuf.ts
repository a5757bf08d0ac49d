/**
 * Writing protobuf: just the wire format that an ONNX file needs (https://protobuf.dev/programming-guides/encoding/).
 * A message is the concatenation of its fields.
 */

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

function varint(value: number | bigint): Buffer {
  // Negative numbers are written as 64-bit two's complement, ten bytes long.
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

function key(field: number, wireType: number): Buffer {
  return varint((field << 3) | wireType);
}

export function integerField(field: number, value: number | bigint): Buffer {
  return Buffer.concat([key(field, VARINT), varint(value)]);
}

export function floatField(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([key(field, FIXED_32), bytes]);
}

export function bytesField(field: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([key(field, LENGTH_DELIMITED), varint(bytes.length), bytes]);
}

export function stringField(field: number, text: string): Buffer {
  return bytesField(field, Buffer.from(text, 'utf8'));
}

export function messageField(field: number, ...parts: readonly Uint8Array[]): Buffer {
  return bytesField(field, Buffer.concat(parts));
}
