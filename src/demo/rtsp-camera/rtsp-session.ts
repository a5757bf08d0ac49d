import { randomBytes } from 'node:crypto';
import type { ResponseParts, RtspRequest } from '../../rtsp/messages.ts';
import { parseChannels } from '../../rtsp/rtp.ts';
import type { Faults } from './faults.ts';
import type { Gatekeeper } from './gatekeeper.ts';
import { Playback } from './playback.ts';
import { RtpTrack } from './rtp-track.ts';
import { TRACK } from './sdp.ts';

/** What a session needs from its camera. */
export interface SessionHost {
  /** URL of the stream, without credentials. */
  readonly url: string;
  readonly faults: Faults;
  readonly gatekeeper: Gatekeeper | undefined;
  /** Announced to the client, which must send a request at least this often. */
  readonly sessionTimeoutSeconds: number;
  describe(): string;
  /** RTP timestamp of the next keyframe. */
  nextKeyframeTimestamp(): number;
  /** Called when a client begins to play. */
  playing(): void;
}

type Headers = Readonly<Record<string, string>>;

const METHODS = 'OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, GET_PARAMETER, SET_PARAMETER, TEARDOWN';

/** Answers the requests of one client. */
export class RtspSession {
  readonly #host: SessionHost;
  readonly #id = randomBytes(4).toString('hex');
  #track: RtpTrack | undefined;
  #playback: Playback | undefined;

  constructor(host: SessionHost) {
    this.#host = host;
  }

  /** There while the client plays. */
  get playback(): Playback | undefined {
    return this.#playback;
  }

  respond(request: RtspRequest): ResponseParts {
    const { faults, gatekeeper, url } = this.#host;
    const refusal = faults.refusalOf(request.method);
    if (refusal === 401 || (request.method !== 'OPTIONS' && gatekeeper?.admits(request) === false)) {
      const challenge = gatekeeper?.challenge(request) ?? 'Basic realm="closed"';
      return { status: 401, headers: { 'WWW-Authenticate': challenge } };
    }
    if (refusal !== undefined) return { status: refusal };
    if (request.method === 'OPTIONS') return { status: 200, headers: { Public: METHODS } };
    if (!this.#isOurs(request.uri)) return { status: 404 };
    switch (request.method) {
      case 'DESCRIBE': {
        const headers = { 'Content-Base': `${url}/`, 'Content-Type': 'application/sdp' };
        return { status: 200, headers, body: this.#host.describe() };
      }
      case 'SETUP':
        return this.#setUp(request);
      case 'PLAY':
        return this.#inSession(request, (track) => this.#play(track));
      case 'PAUSE':
        return this.#inSession(request, () => this.#pause());
      case 'GET_PARAMETER':
      case 'SET_PARAMETER':
        return this.#inSession(request, () => ({}));
      case 'TEARDOWN':
        return this.#inSession(request, () => this.#tearDown());
      default:
        return { status: 501, headers: { Public: METHODS } };
    }
  }

  #setUp(request: RtspRequest): ResponseParts {
    const offers = request.headers.get('transport')?.split(',') ?? [];
    const offer = offers.find((entry) => /^\s*RTP\/AVP\/TCP/i.test(entry));
    if (offer === undefined) return { status: 461 };
    const channels = offer.includes('interleaved=') ? parseChannels(offer) : { rtp: 0, rtcp: 1 };
    if (!channels) return { status: 461 };
    this.#track = new RtpTrack(channels);
    return {
      status: 200,
      headers: {
        Transport: `RTP/AVP/TCP;unicast;interleaved=${channels.rtp}-${channels.rtcp}`,
        Session: `${this.#id};timeout=${this.#host.sessionTimeoutSeconds}`,
      },
    };
  }

  #inSession(request: RtspRequest, act: (track: RtpTrack) => Headers): ResponseParts {
    const id = request.headers.get('session')?.split(';')[0];
    if (!this.#track || id !== this.#id) return { status: 454 };
    return { status: 200, headers: { ...act(this.#track), Session: this.#id } };
  }

  #play(track: RtpTrack): Headers {
    const { url, faults } = this.#host;
    this.#playback = new Playback(track, faults);
    this.#host.playing();
    const info = `url=${url}/${TRACK};seq=${track.nextSequence};rtptime=${this.#host.nextKeyframeTimestamp()}`;
    return { Range: 'npt=now-', 'RTP-Info': info };
  }

  #pause(): Headers {
    this.#playback = undefined;
    return {};
  }

  #tearDown(): Headers {
    this.#playback = undefined;
    this.#track = undefined;
    return {};
  }

  /** True if a URI names the stream or its track, whatever host name the client used. */
  #isOurs(uri: string): boolean {
    const path = (url: string) => url.replace(/^rtsps?:\/\/[^/]*/i, '').replace(new RegExp(`/?(?:${TRACK})?$`), '');
    return path(uri) === path(this.#host.url);
  }
}
