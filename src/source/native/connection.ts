import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { cameraFailure, connectFailure } from '../../lib/camera-failure.ts';
import { type FramegateError, isFramegateError, systemErrorCode } from '../../lib/errors.ts';
import { InterleavedReader } from '../../rtsp/interleaved-reader.ts';
import { formatRequest, formatResponse, type RtspRequest, type RtspResponse } from '../../rtsp/messages.ts';
import { type CameraAddress, USER_AGENT } from '../camera-address.ts';

/** What a session wants to know while it plays. */
export interface ConnectionListener {
  /** See `InterleavedSink.packet`; returns whether the packet belongs to the stream. */
  packet(channel: number, bytes: Buffer, start: number, end: number): boolean;
  /** Called once for each chunk of bytes, before its packets. */
  arrived(): void;
  ended(error: FramegateError): void;
}

/** Room for one read from a socket, of all connections: what was read is taken before the next socket is read. */
const READ_BUFFER = Buffer.allocUnsafeSlow(64 * 1024);
/** Without a packet of the stream in between, this many bytes that mean nothing are the end of it. */
const MAX_GARBAGE_BYTES = 64 * 1024;
/** More than this unsent, the camera does not read. */
const MAX_UNSENT_BYTES = 64 * 1024;
/** What a camera may ask of a client: it needs an answer, but none that says anything. */
const HARMLESS_REQUESTS = ['OPTIONS', 'GET_PARAMETER', 'SET_PARAMETER', 'ANNOUNCE'];

/** The socket to a camera: requests out; answers, and packets among them, in. */
export class Connection implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #reader: InterleavedReader;
  readonly #waiting = new Map<number, { settle(answer: RtspResponse | FramegateError): void }>();
  readonly #closed: Promise<void>;
  #listener: ConnectionListener | undefined;
  #sequence = 0;
  #garbage = 0;
  #hasAnswered = false;
  #end: FramegateError | undefined;

  private constructor({ host, port, isTls }: CameraAddress) {
    const onread = { buffer: READ_BUFFER, callback: (length: number) => this.#receive(READ_BUFFER, length) };
    this.#socket = isTls
      ? connectTls({ host, port, rejectUnauthorized: false, ...(isIP(host) === 0 && { servername: host }) })
      : connectTcp({ host, port, onread });
    if (isTls) this.#socket.on('data', (chunk: Buffer) => this.#receive(chunk, chunk.length));
    this.#reader = new InterleavedReader({
      packet: (...packet) => {
        if (this.#listener?.packet(...packet)) this.#garbage = 0;
      },
      request: (request) => this.#answer(request),
      response: (response) => this.#settle(response),
      garbage: (count) => this.#skip(count),
    });
    this.#closed = new Promise((resolve) => {
      this.#socket.once('close', () => {
        this.#fail(cameraFailure(this.#hasAnswered ? 'ended' : 'hangsUp'));
        resolve();
      });
    });
    this.#socket.on('error', (cause) => this.#fail(this.#explain(cause)));
  }

  /**
   * Connects, with TLS to an `rtsps:` URL. The certificate is not checked: cameras have self-signed ones.
   * @throws ERR_SOURCE_REFUSED, ERR_SOURCE_STALLED or ERR_SOURCE_UNSUPPORTED; also when `signal` aborts, which later ends the connection too.
   */
  static async open(address: CameraAddress, timeoutMs: number, signal: AbortSignal): Promise<Connection> {
    const connection = new Connection(address);
    const socket = connection.#socket;
    const stop = () => connection.#fail(cameraFailure('ended'));
    signal.addEventListener('abort', stop, { once: true });
    socket.once('close', () => signal.removeEventListener('abort', stop));
    if (signal.aborted) stop();
    await new Promise<void>((resolve, reject) => {
      connection.listen({ packet: () => false, arrived: () => undefined, ended: reject }, []);
      socket.once(address.isTls ? 'secureConnect' : 'connect', resolve);
      socket.setTimeout(timeoutMs, () => {
        const failure = socket.connecting
          ? cameraFailure('silentAddress')
          : cameraFailure('silent', { afterMs: timeoutMs });
        connection.#fail(failure);
      });
    });
    socket.setTimeout(0);
    connection.ignore();
    return connection;
  }

  get isOpen(): boolean {
    return this.#end === undefined;
  }

  /** @param channels on which packets of the stream come. */
  listen(listener: ConnectionListener, channels: readonly number[]): void {
    this.#listener = listener;
    this.#reader.expect(channels);
    if (this.#end) listener.ended(this.#end);
  }

  /** Ends `listen`. */
  ignore(): void {
    this.#listener = undefined;
  }

  /**
   * Sends a request and waits for its answer, whatever its status.
   * @throws ERR_SOURCE_* when the connection ends first or no answer comes within `timeoutMs`.
   */
  request(
    method: string,
    uri: string,
    headers: Readonly<Record<string, string>>,
    timeoutMs: number,
  ): Promise<RtspResponse> {
    this.#sequence += 1;
    const sequence = this.#sequence;
    return new Promise((resolve, reject) => {
      const settle = (answer: RtspResponse | FramegateError) => {
        clearTimeout(timer);
        this.#waiting.delete(sequence);
        if (isFramegateError(answer)) reject(answer);
        else resolve(answer);
      };
      const timer = setTimeout(() => settle(cameraFailure('silent', { afterMs: timeoutMs })), timeoutMs);
      this.#waiting.set(sequence, { settle });
      if (this.#end) settle(this.#end);
      else this.send(formatRequest(method, uri, { CSeq: String(sequence), 'User-Agent': USER_AGENT, ...headers }));
    });
  }

  send(bytes: Buffer | string): void {
    if (!this.#socket.writable) return;
    this.#socket.write(bytes);
    if (this.#socket.writableLength > MAX_UNSENT_BYTES) this.#fail(cameraFailure('silent'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    await this.#closed;
  }

  #receive(buffer: Buffer, length: number): boolean {
    if (this.#end) return true;
    try {
      this.#listener?.arrived();
      this.#reader.push(buffer, length);
    } catch (cause) {
      // A fault of ours that this camera provokes must not cost the others.
      this.#fail(cameraFailure('garbled', { cause }));
    }
    return true;
  }

  #settle(response: RtspResponse): void {
    this.#hasAnswered = true;
    if (response.status < 200) return;
    const sequence = Number(response.headers.get('cseq'));
    // Some devices leave the number out; they answer in order.
    const [oldest] = this.#waiting.keys();
    const waiting = this.#waiting.get(Number.isInteger(sequence) ? sequence : (oldest ?? 0));
    waiting?.settle(response);
  }

  #answer({ method, headers }: RtspRequest): void {
    const status = HARMLESS_REQUESTS.includes(method) ? 200 : 501;
    this.send(formatResponse({ status }, headers.get('cseq')));
  }

  #skip(count: number): void {
    if (!this.#hasAnswered) this.#fail(cameraFailure('noRtsp'));
    this.#garbage += count;
    if (this.#garbage > MAX_GARBAGE_BYTES) this.#fail(cameraFailure('garbled'));
  }

  #explain(cause: Error): FramegateError {
    const { code = '' } = cause as NodeJS.ErrnoException;
    if (/^(EPROTO|ERR_SSL|ERR_TLS)/.test(code)) return cameraFailure('noTls', { cause });
    const isHangUp = ['ECONNRESET', 'EPIPE'].includes(systemErrorCode(cause) ?? '');
    if (!isHangUp) return connectFailure(cause);
    return cameraFailure(this.#hasAnswered ? 'ended' : 'hangsUp', { cause });
  }

  #fail(error: FramegateError): void {
    if (this.#end) return;
    this.#end = error;
    this.#socket.destroy();
    for (const { settle } of [...this.#waiting.values()]) settle(error);
    this.#listener?.ended(error);
  }
}
