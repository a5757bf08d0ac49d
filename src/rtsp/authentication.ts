/**
 * Basic and digest access authentication as RTSP has them from HTTP: RFC 2069, RFC 2617 (`qop`) and RFC 7616 (SHA-256).
 */
import { createHash } from 'node:crypto';

/** What stands in `WWW-Authenticate` and `Authorization`. */
export interface AuthenticationFields {
  /** In lower case: `basic`, `digest`. */
  readonly scheme: string;
  /** Names in lower case. */
  readonly fields: ReadonlyMap<string, string>;
}

export const DIGEST_ALGORITHMS = ['MD5', 'SHA-256'] as const;
export type DigestAlgorithm = (typeof DIGEST_ALGORITHMS)[number];

export interface DigestInput {
  readonly algorithm?: DigestAlgorithm | undefined;
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

/** The value of `response`, in hexadecimal digits: 32 of MD5, 64 of SHA-256. */
export function digestResponse(input: DigestInput): string {
  const hash = (text: string) =>
    createHash(input.algorithm === 'SHA-256' ? 'sha256' : 'md5')
      .update(text)
      .digest('hex');
  const secret = hash(`${input.user}:${input.realm}:${input.password}`);
  const action = hash(`${input.method}:${input.uri}`);
  const freshness = input.qop ? `${input.nonce}:${input.nc}:${input.cnonce}:${input.qop}` : input.nonce;
  return hash(`${secret}:${freshness}:${action}`);
}

/** The credentials that follow `Basic `. */
export function basicCredentials(user: string, password: string): string {
  return Buffer.from(`${user}:${password}`).toString('base64');
}

/** A scheme that is followed by fields, or `name=value`; a quoted value is taken whole, whatever is in it. */
const TOKENS = /(?:^|,)\s*([a-z][\w-]*)\s+(?=[\w-]+\s*=)|([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/gi;

/** The challenges of `WWW-Authenticate`, several separated by commas, or the one entry of `Authorization` when it has fields. */
export function parseAuthentication(header: string): AuthenticationFields[] {
  const found: Array<{ scheme: string; fields: Map<string, string> }> = [];
  for (const [, scheme, name, quoted, plain] of header.matchAll(TOKENS)) {
    if (scheme !== undefined) found.push({ scheme: scheme.toLowerCase(), fields: new Map() });
    else if (name) found.at(-1)?.fields.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '');
  }
  return found;
}
