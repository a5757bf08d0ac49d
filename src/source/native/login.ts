import { randomBytes } from 'node:crypto';
import {
  type AuthenticationFields,
  basicCredentials,
  DIGEST_ALGORITHMS,
  type DigestAlgorithm,
  digestResponse,
  parseAuthentication,
} from '../../rtsp/authentication.ts';
import type { Credentials } from '../camera-address.ts';

interface Challenge {
  readonly realm: string;
  /** Undefined: basic. */
  readonly algorithm: DigestAlgorithm | undefined;
  readonly nonce: string;
  readonly hasQop: boolean;
  /** Sent back as they came; undefined where the camera does not give them. */
  readonly algorithmName: string | undefined;
  readonly opaque: string | undefined;
  readonly isStale: boolean;
}

/** Answers the challenges of a camera, and goes on using the last one for the requests that follow. */
export class Login {
  readonly #credentials: Credentials | undefined;
  #challenge: Challenge | undefined;
  #uses = 0;

  constructor(credentials: Credentials | undefined) {
    this.#credentials = credentials;
  }

  /** The value of `Authorization` for a request; undefined until the camera has asked for it. */
  authorize(method: string, uri: string): string | undefined {
    const credentials = this.#credentials;
    const challenge = this.#challenge;
    if (!credentials || !challenge) return undefined;
    if (!challenge.algorithm) return `Basic ${basicCredentials(credentials.user, credentials.password)}`;
    return this.#digest(credentials, challenge, challenge.algorithm, method, uri);
  }

  /**
   * Takes the `WWW-Authenticate` of a refused request, of the challenges the strongest.
   * @param wasFresh whether that request had answered a challenge that the camera had given just before.
   * @returns false when it is of no use to ask again.
   */
  accept(header: string, wasFresh: boolean): boolean {
    const challenges = parseAuthentication(header).flatMap((entry) => readChallenge(entry) ?? []);
    const strength = ({ algorithm }: Challenge) => (algorithm ? 1 + DIGEST_ALGORITHMS.indexOf(algorithm) : 0);
    const best = challenges.sort((a, b) => strength(b) - strength(a))[0];
    if (!this.#credentials || !best) return false;
    const repeats = wasFresh && !best.isStale;
    const isSameBasic = !best.algorithm && this.#challenge !== undefined && !this.#challenge.algorithm;
    this.#challenge = best;
    this.#uses = 0;
    return !repeats && !isSameBasic;
  }

  #digest(
    { user, password }: Credentials,
    { realm, nonce, hasQop, algorithmName, opaque }: Challenge,
    algorithm: DigestAlgorithm,
    method: string,
    uri: string,
  ): string {
    this.#uses += 1;
    const nc = this.#uses.toString(16).padStart(8, '0');
    const fresh = hasQop ? { qop: 'auth', nc, cnonce: randomBytes(8).toString('hex') } : undefined;
    const response = digestResponse({ algorithm, user, realm, password, method, uri, nonce, ...fresh });
    return [
      `Digest username="${quoted(user)}", realm="${quoted(realm)}", nonce="${quoted(nonce)}", uri="${quoted(uri)}"`,
      `response="${response}"`,
      ...(algorithmName === undefined ? [] : [`algorithm=${algorithmName}`]),
      ...(opaque === undefined ? [] : [`opaque="${quoted(opaque)}"`]),
      ...(fresh ? [`qop=auth, nc=${nc}, cnonce="${fresh.cnonce}"`] : []),
    ].join(', ');
  }
}

/** Undefined for what cannot be answered. */
function readChallenge({ scheme, fields }: AuthenticationFields): Challenge | undefined {
  const realm = fields.get('realm') ?? '';
  const isStale = fields.get('stale')?.toLowerCase() === 'true';
  const opaque = fields.get('opaque');
  const algorithmName = fields.get('algorithm');
  const common = { realm, nonce: fields.get('nonce') ?? '', isStale, opaque, algorithmName };
  if (scheme === 'basic') return { ...common, algorithm: undefined, hasQop: false };
  const algorithm = DIGEST_ALGORITHMS.find((known) => known === (algorithmName?.toUpperCase() ?? 'MD5'));
  const qop = fields
    .get('qop')
    ?.toLowerCase()
    .split(/[\s,]+/);
  if (scheme !== 'digest' || !algorithm || (qop && !qop.includes('auth'))) return undefined;
  return { ...common, algorithm, hasQop: qop !== undefined };
}

function quoted(text: string): string {
  return text.replace(/["\\]/g, '\\$&');
}
