/**
 * Reads the syntax of H.264 and H.265: bits, and Exp-Golomb codes (ITU-T H.264 9.1, H.265 9.2). Past the end it gives zeros and remembers that it ran short.
 */
export class BitReader {
  readonly #bytes: Uint8Array;
  #bit = 0;

  /** @param bytes without emulation prevention: see `payloadOf`. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** True once more was read than there is. */
  get ranShort(): boolean {
    return this.#bit > this.#bytes.length * 8;
  }

  flag(): boolean {
    const bit = this.#bit++;
    return (((this.#bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) === 1;
  }

  /** `count` bits as a number, at most 32. */
  bits(count: number): number {
    let value = 0;
    for (let index = 0; index < count; index += 1) value = value * 2 + (this.flag() ? 1 : 0);
    return value;
  }

  skip(count: number): void {
    this.#bit += count;
  }

  /** `ue(v)`: 0 and up. */
  unsigned(): number {
    let zeros = 0;
    while (zeros < 32 && !this.ranShort && !this.flag()) zeros += 1;
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /** `se(v)`. */
  signed(): number {
    const value = this.unsigned();
    return value % 2 === 1 ? (value + 1) / 2 : -value / 2;
  }
}

/**
 * What a NAL unit carries from byte `from` on, without the bytes that keep start codes out of it (7.4.1 of either standard).
 * @param limit of the result in bytes: a slice header needs few.
 */
export function payloadOf(nal: Uint8Array, from: number, limit = Number.POSITIVE_INFINITY): Uint8Array {
  const result = new Uint8Array(Math.max(0, Math.min(nal.length - from, limit)));
  let length = 0;
  let zeros = 0;
  for (let at = from; at < nal.length && length < result.length; at += 1) {
    const byte = nal[at] ?? 0;
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    result[length++] = byte;
  }
  return result.subarray(0, length);
}
