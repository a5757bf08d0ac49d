import { randomBytes } from 'node:crypto';
import {
  basicCredentials,
  type DigestAlgorithm,
  digestResponse,
  parseAuthentication,
} from '../../rtsp/authentication.ts';
import type { RtspRequest } from '../../rtsp/messages.ts';

export interface CameraCredentials {
  readonly user: string;
  readonly password: string;
  readonly scheme: 'basic' | 'digest';
  /** Digest only: ask for `qop="auth"` (RFC 2617). Without it, as most cameras: RFC 2069. */
  readonly qop?: 'auth';
  /** Digest only, default MD5, which most cameras use. */
  readonly algorithm?: DigestAlgorithm;
}

const REALM = 'Framegate demo camera';

/** Asks for the user and password of a camera, and checks them. */
export class Gatekeeper {
  readonly #credentials: CameraCredentials;
  #nonce = newNonce();

  constructor(credentials: CameraCredentials) {
    this.#credentials = credentials;
  }

  /** From now on, answers to the former nonce are stale. */
  rotateNonce(): void {
    this.#nonce = newNonce();
  }

  admits(request: RtspRequest): boolean {
    const header = request.headers.get('authorization') ?? '';
    const { user, password, scheme } = this.#credentials;
    if (scheme === 'basic') return header === `Basic ${basicCredentials(user, password)}`;
    const fields = digestFields(header);
    if (fields?.get('username') !== user || fields.get('nonce') !== this.#nonce) return false;
    if (fields.has('qop') && fields.get('qop') !== this.#credentials.qop) return false;
    const expected = digestResponse({
      algorithm: this.#credentials.algorithm,
      user,
      password,
      realm: REALM,
      method: request.method,
      uri: fields.get('uri') ?? '',
      nonce: this.#nonce,
      qop: fields.get('qop'),
      nc: fields.get('nc'),
      cnonce: fields.get('cnonce'),
    });
    return fields.get('response') === expected;
  }

  /** The `WWW-Authenticate` header for a request that was not admitted. */
  challenge(request: RtspRequest): string {
    if (this.#credentials.scheme === 'basic') return `Basic realm="${REALM}"`;
    const answered = digestFields(request.headers.get('authorization') ?? '')?.get('nonce');
    const stale = answered !== undefined && answered !== this.#nonce ? ', stale=true' : '';
    const qop = this.#credentials.qop === undefined ? '' : `, qop="${this.#credentials.qop}"`;
    return `Digest realm="${REALM}", nonce="${this.#nonce}", algorithm=${this.#credentials.algorithm ?? 'MD5'}${qop}${stale}`;
  }
}

function digestFields(header: string): ReadonlyMap<string, string> | undefined {
  return parseAuthentication(header).find(({ scheme }) => scheme === 'digest')?.fields;
}

function newNonce(): string {
  return randomBytes(16).toString('hex');
}
