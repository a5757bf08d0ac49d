import { FramegateError } from '../lib/errors.ts';

/** Reads forward through a buffer; past its end it gives zeros and remembers that it ran short. */
export class NutCursor {
  readonly #buffer: Buffer;
  offset: number;
  short = false;
  /** Length that the buffer should have had. */
  wanted = 0;

  constructor(buffer: Buffer, offset: number) {
    this.#buffer = buffer;
    this.offset = offset;
  }

  #take(count: number): number {
    const start = this.offset;
    this.offset += count;
    if (this.offset > this.#buffer.length) {
      this.short = true;
      this.wanted = Math.max(this.wanted, this.offset);
    }
    return start;
  }

  peek(): number {
    return this.#buffer[this.offset] ?? 0;
  }

  u8(): number {
    return this.#buffer[this.#take(1)] ?? 0;
  }

  u32(): number {
    const start = this.#take(4);
    return this.short ? 0 : this.#buffer.readUInt32BE(start);
  }

  u64(): bigint {
    const start = this.#take(8);
    return this.short ? 0n : this.#buffer.readBigUInt64BE(start);
  }

  /** `v` of the specification: seven bits a byte, most significant first. Exact up to 2^53. */
  varint(): number {
    let value = 0;
    for (let index = 0; index < 9; index += 1) {
      const byte = this.u8();
      value = value * 128 + (byte & 0x7f);
      if (!(byte & 0x80) || this.short) return value;
    }
    throw corrupt('a number is too long');
  }

  /** `s` of the specification. */
  signed(): number {
    const value = this.varint() + 1;
    return value % 2 === 1 ? -Math.floor(value / 2) : value / 2;
  }

  bytes(count: number): Buffer {
    if (count < 0) throw corrupt('negative length');
    const start = this.#take(count);
    return this.#buffer.subarray(start, start + count);
  }
}

/** The error for what is no NUT. */
export const corrupt = (why: string) =>
  new FramegateError('ERR_STREAM_CORRUPT', `cannot read what ffmpeg wrote: ${why}`, {
    hint: 'run framegate doctor to check the ffmpeg build',
  });
