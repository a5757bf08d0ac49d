import type { Socket } from 'node:net';
import { InterleavedReader, type InterleavedSink } from '../../rtsp/interleaved-reader.ts';
import { formatResponse, type RtspRequest } from '../../rtsp/messages.ts';
import type { Broadcast } from './playback.ts';
import { RtspSession, type SessionHost } from './rtsp-session.ts';

/** What a connection needs from its camera. */
export interface ConnectionHost extends SessionHost {
  /** Bytes that may wait in a client's socket; beyond, the client is closed. */
  readonly backlogBytes: number;
  requested(method: string): void;
  closedAsSlow(): void;
}

const SERVER = 'Framegate demo camera';

/** The socket of one client: requests in, answers and packets out. */
export class RtspConnection {
  readonly #socket: Socket;
  readonly #host: ConnectionHost;
  readonly #session: RtspSession;
  readonly #reader: InterleavedReader;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(socket: Socket, host: ConnectionHost) {
    this.#socket = socket;
    this.#host = host;
    this.#session = new RtspSession(host);
    this.#reader = new InterleavedReader(this.#sink());
  }

  get isPlaying(): boolean {
    return this.#session.playback !== undefined && !this.#socket.destroyed;
  }

  /** Serves the client; resolves when the connection is closed, by whomever. */
  serve(): Promise<void> {
    this.#socket.setNoDelay(true);
    this.#restartIdleTimer();
    return new Promise((resolve) => {
      this.#socket
        .on('data', (chunk: Buffer) => this.#receive(chunk))
        .on('error', () => this.#socket.destroy())
        .on('close', () => {
          clearTimeout(this.#idleTimer);
          resolve();
        });
    });
  }

  /** Sends an access unit to a client that plays. */
  send(broadcast: Broadcast): void {
    const packets = this.#session.playback?.packets(broadcast) ?? [];
    if (packets.length === 0) return;
    if (this.#socket.writableLength > this.#host.backlogBytes) {
      this.#host.closedAsSlow();
      this.close();
      return;
    }
    this.#socket.cork();
    for (const packet of packets) this.#socket.write(packet);
    this.#socket.uncork();
  }

  /** Nothing is sent until the next keyframe. */
  waitForKeyframe(): void {
    this.#session.playback?.waitForKeyframe();
  }

  write(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  /** Closes at once; with `reset` by a TCP RST. */
  close(options: { readonly reset?: boolean } = {}): void {
    if (options.reset) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    if (this.#host.faults.hangOnConnect && !this.isPlaying) return;
    this.#reader.push(chunk);
  }

  #sink(): InterleavedSink {
    return {
      // Receiver reports tell a loop on loopback nothing.
      packet: () => undefined,
      request: (request) => this.#answer(request),
      response: () => undefined,
      garbage: () => {
        if (!this.#socket.writableEnded) this.#socket.end(formatResponse({ status: 400 }, undefined));
      },
    };
  }

  #answer(request: RtspRequest): void {
    this.#restartIdleTimer();
    this.#host.requested(request.method);
    const { headers, ...response } = this.#session.respond(request);
    const named = { ...response, headers: { Server: SERVER, ...headers } };
    this.#socket.write(formatResponse(named, request.headers.get('cseq')));
  }

  #restartIdleTimer(): void {
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => this.close(), this.#host.sessionTimeoutSeconds * 1000);
  }
}
