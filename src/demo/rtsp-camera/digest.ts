/**
 * Digest access authentication with MD5, as cameras use it (RFC 2069, and RFC 2617 when `qop` is given).
 */
import { createHash } from 'node:crypto';

export interface DigestInput {
  readonly user: string;
  readonly realm: string;
  readonly password: string;
  readonly method: string;
  readonly uri: string;
  readonly nonce: string;
  /** Given together with `nc` and `cnonce`, or not at all. */
  readonly qop?: string | undefined;
  readonly nc?: string | undefined;
  readonly cnonce?: string | undefined;
}

/** The value of `response`: 32 hexadecimal digits. */
export function digestResponse(input: DigestInput): string {
  const secret = md5(`${input.user}:${input.realm}:${input.password}`);
  const action = md5(`${input.method}:${input.uri}`);
  const freshness = input.qop ? `${input.nonce}:${input.nc}:${input.cnonce}:${input.qop}` : input.nonce;
  return md5(`${secret}:${freshness}:${action}`);
}

/** The fields of `Digest username="…", realm="…", …`; undefined when the header is of another scheme. */
export function parseDigest(header: string): ReadonlyMap<string, string> | undefined {
  if (!/^digest\s/i.test(header)) return undefined;
  const fields = new Map<string, string>();
  for (const [, name = '', quoted, plain] of header.slice(7).matchAll(/(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g)) {
    fields.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '');
  }
  return fields;
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
