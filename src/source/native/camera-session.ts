import { type CameraFailure, cameraFailure } from '../../lib/camera-failure.ts';
import type { FramegateError } from '../../lib/errors.ts';
import type { RtspResponse } from '../../rtsp/messages.ts';
import { type Channels, parseChannels } from '../../rtsp/rtp.ts';
import { cameraAddress } from '../camera-address.ts';
import { Connection, type ConnectionListener } from './connection.ts';
import { Login } from './login.ts';
import { redirectedUrl } from './redirect.ts';
import { findVideoTrack, type VideoTrack } from './session-description.ts';

/** One to learn the challenge, one to answer it, one for a nonce that became stale meanwhile. */
const MAX_ATTEMPTS = 3;
const MAX_REDIRECTS = 3;
const DEFAULT_SESSION_TIMEOUT_S = 60;
const TEARDOWN_TIMEOUT_MS = 500;

/** An RTSP session with a camera (RFC 2326), set up for its first video track over TCP. */
export class CameraSession implements AsyncDisposable {
  readonly #connection: Connection;
  readonly #login: Login;
  readonly #timeoutMs: number;
  #keepAliveMethod: 'GET_PARAMETER' | 'OPTIONS' = 'OPTIONS';
  #id: string | undefined;
  /** Half of what the camera waits for a request, in ms. */
  keepAliveMs = (DEFAULT_SESSION_TIMEOUT_S * 1000) / 2;
  channels: Channels = { rtp: 0, rtcp: 1 };

  private constructor(connection: Connection, login: Login, timeoutMs: number) {
    this.#connection = connection;
    this.#login = login;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Connects and gets everything ready to play, following redirects.
   * @param timeoutMs how long the camera may take for the connection and for each answer.
   * @throws ERR_SOURCE_*; also when `signal` aborts.
   */
  static async open(
    url: string,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<{ readonly session: CameraSession; readonly track: VideoTrack }> {
    let target = url;
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
      const { uri, credentials, ...address } = cameraAddress(target);
      const connection = await Connection.open({ uri, credentials, ...address }, timeoutMs, signal);
      const session = new CameraSession(connection, new Login(credentials), timeoutMs);
      try {
        const answer = await session.#describe(uri);
        const location = answer.status >= 300 && answer.status < 400 ? answer.headers.get('location') : undefined;
        if (location === undefined) {
          const track = await session.#setUp(answer, uri);
          return { session, track };
        }
        target = redirectedUrl(target, location);
      } catch (error) {
        await session[Symbol.asyncDispose]();
        throw error;
      }
      await session[Symbol.asyncDispose]();
    }
    throw cameraFailure('otherDialect');
  }

  /** Begins to play. Packets may come before it resolves. */
  async play(track: VideoTrack, listener: ConnectionListener): Promise<void> {
    this.#connection.listen(listener, [this.channels.rtp, this.channels.rtcp]);
    const answer = await this.#ask('PLAY', track.sessionUrl, { Range: 'npt=0.000-' });
    if (answer.status !== 200) throw refusal(answer.status);
  }

  /** Tells the camera that somebody is still there. */
  async keepAlive({ sessionUrl }: VideoTrack): Promise<void> {
    const { status } = await this.#ask(this.#keepAliveMethod, sessionUrl);
    // Some cameras list GET_PARAMETER and refuse it.
    if (status >= 400) this.#keepAliveMethod = 'OPTIONS';
  }

  send(bytes: Buffer): void {
    this.#connection.send(bytes);
  }

  /** Takes leave of a camera that plays; a hung one is not waited for. Then closes the connection. */
  async tearDown({ sessionUrl }: VideoTrack): Promise<void> {
    this.#connection.ignore();
    if (this.#connection.isOpen) {
      const headers = this.#headers('TEARDOWN', sessionUrl);
      // What it answers, and whether it does, changes nothing.
      await this.#connection.request('TEARDOWN', sessionUrl, headers, TEARDOWN_TIMEOUT_MS).catch(() => undefined);
    }
    await this[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }

  async #describe(uri: string): Promise<RtspResponse> {
    const options = await this.#ask('OPTIONS', uri);
    if (/\bGET_PARAMETER\b/i.test(options.headers.get('public') ?? '')) this.#keepAliveMethod = 'GET_PARAMETER';
    const answer = await this.#ask('DESCRIBE', uri, { Accept: 'application/sdp' });
    if (answer.status < 200 || answer.status >= 400) throw refusal(answer.status);
    return answer;
  }

  async #setUp(description: RtspResponse, uri: string): Promise<VideoTrack> {
    const { headers, body } = description;
    const track = findVideoTrack(body, headers.get('content-base') ?? headers.get('content-location') ?? uri);
    const offer = `RTP/AVP/TCP;unicast;interleaved=${this.channels.rtp}-${this.channels.rtcp}`;
    const answer = await this.#ask('SETUP', track.trackUrl, { Transport: offer });
    if (answer.status !== 200) throw refusal(answer.status);
    const transport = answer.headers.get('transport') ?? offer;
    if (!/\/TCP|interleaved=/i.test(transport)) throw cameraFailure('noTcp');
    this.channels = parseChannels(transport) ?? this.channels;
    const [id, ...parameters] = answer.headers.get('session')?.split(';') ?? [];
    this.#id = id?.trim();
    const seconds = Number(/timeout=([\d.]+)/i.exec(parameters.join(';'))?.[1]);
    if (seconds > 0) this.keepAliveMs = (seconds * 1000) / 2;
    return track;
  }

  /** Sends a request, and answers when the camera asks who is there. */
  async #ask(method: string, uri: string, headers: Readonly<Record<string, string>> = {}): Promise<RtspResponse> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const all = { ...this.#headers(method, uri), ...headers };
      const answer = await this.#connection.request(method, uri, all, this.#timeoutMs);
      if (answer.status !== 401) return answer;
      if (!this.#login.accept(answer.headers.get('www-authenticate') ?? '', attempt > 0)) break;
    }
    throw cameraFailure('unauthorized');
  }

  #headers(method: string, uri: string): Record<string, string> {
    const authorization = this.#login.authorize(method, uri);
    return {
      ...(this.#id !== undefined && { Session: this.#id }),
      ...(authorization !== undefined && { Authorization: authorization }),
    };
  }
}

const REFUSALS: Readonly<Record<number, CameraFailure>> = {
  403: 'unauthorized',
  404: 'unknownStream',
  453: 'fault',
  454: 'unknownStream',
  461: 'noTcp',
  501: 'otherDialect',
  505: 'otherDialect',
  551: 'otherDialect',
};

function refusal(status: number): FramegateError {
  return cameraFailure(REFUSALS[status] ?? (status >= 500 ? 'fault' : 'otherDialect'));
}
