/**
 * How messages lie in the stream: the length of a header as 32-bit big-endian integer, the header as JSON, then as many bytes as the
 * header's `bytes` says.
 */
import { FramegateError } from '../../lib/errors.ts';

/** Runners answer with boxes; what is longer than this is no header. */
const MAX_HEADER = 1024 ** 2;
const LENGTH = 4;

export function encodeMessage(header: object, payload?: Uint8Array): Uint8Array[] {
  const text = Buffer.from(JSON.stringify(payload ? { ...header, bytes: payload.byteLength } : header));
  const length = Buffer.alloc(LENGTH);
  length.writeUInt32BE(text.length);
  return payload ? [length, text, payload] : [length, text];
}

/** Headers out of chunks. Throws ERR_WORKER_FAILED for what is no message. */
export class HeaderReader {
  #rest = Buffer.alloc(0);

  *read(chunk: Uint8Array): Generator<unknown> {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= LENGTH) {
      const length = this.#rest.readUInt32BE();
      if (length > MAX_HEADER) throw broken(`a header of ${length} bytes`);
      if (this.#rest.length < LENGTH + length) return;
      const text = this.#rest.toString('utf8', LENGTH, LENGTH + length);
      this.#rest = this.#rest.subarray(LENGTH + length);
      yield parse(text);
    }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw broken('a header that is not JSON');
  }
}

function broken(what: string): FramegateError {
  return new FramegateError('ERR_WORKER_FAILED', `the runner sent ${what}`, {
    hint: 'check it with "framegate model check-runner"',
    retryable: false,
  });
}
