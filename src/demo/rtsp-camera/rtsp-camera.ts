import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { VideoCodec } from '../../rtsp/nal.ts';
import { Broadcaster } from './broadcaster.ts';
import { type ElementaryStream, loadStream } from './elementary-stream.ts';
import { Faults } from './faults.ts';
import { type CameraCredentials, Gatekeeper } from './gatekeeper.ts';
import { type ConnectionHost, RtspConnection } from './rtsp-connection.ts';
import { describeStream } from './sdp.ts';

export interface RtspCameraOptions {
  /** An Annex B file, or its bytes; timestamps rise in the order in which it is coded. */
  readonly file: string | Buffer;
  readonly codec: VideoCodec;
  readonly fps: number;
  /** TCP port on 127.0.0.1; 0, the default, takes a free one. */
  readonly port?: number;
  /** Path of the URL, default `/stream`; it may carry a query. */
  readonly path?: string;
  /** Without them everybody may play. */
  readonly credentials?: CameraCredentials;
  /** Seconds into the scene at which it starts, default 0. */
  readonly phase?: number;
  /** RTP timestamp of the first frame, 0 to 2^32 - 1; default a random one that does not wrap for half an hour. */
  readonly timestamp?: number;
  /** Where parameter sets are found, default both; in the stream as the file has them. */
  readonly parameterSets?: 'both' | 'sdp' | 'stream';
  /** Puts small NAL units together in one packet (STAP-A, AP). Default false. */
  readonly aggregate?: boolean;
  /** A client that sends no request for this long is closed. Default 60. */
  readonly sessionTimeoutSeconds?: number;
  /** A client with more unsent bytes than this is closed. Default 4 MiB. */
  readonly backlogBytes?: number;
}

export interface RtspCameraStats {
  /** Connections ever accepted. */
  readonly accepted: number;
  /** Connections closed because the client did not keep up. */
  readonly closedAsSlow: number;
  /** Requests ever received, by method. */
  readonly requests: Readonly<Record<string, number>>;
}

/**
 * Opens a camera on loopback: an RTSP 1.0 server that plays one stream in a loop, in real time, over interleaved TCP.
 *
 * @throws ERR_STREAM_CORRUPT when the file cannot be played, or the system error when it cannot be read or the port is taken.
 */
export async function openRtspCamera(options: RtspCameraOptions): Promise<RtspCamera> {
  const camera = new RtspCamera(options, await loadStream(options.file, options.codec, options.fps));
  await camera.listen();
  return camera;
}

/**
 * Plays to any number of clients at once, as a camera does: all see the same moment, and one that joins gets packets from the next
 * keyframe on. Dispose it to close every connection.
 */
export class RtspCamera implements AsyncDisposable {
  readonly faults: Faults;
  readonly #options: RtspCameraOptions;
  readonly #gatekeeper: Gatekeeper | undefined;
  readonly #broadcaster: Broadcaster;
  readonly #open = new Map<RtspConnection, Promise<void>>();
  readonly #stats = { accepted: 0, closedAsSlow: 0, requests: {} as Record<string, number> };
  #server: Server | undefined;
  #port: number;

  /** Use `openRtspCamera`. */
  constructor(options: RtspCameraOptions, stream: ElementaryStream) {
    this.#options = options;
    this.#port = options.port ?? 0;
    this.#gatekeeper = options.credentials && new Gatekeeper(options.credentials);
    this.faults = new Faults({
      drop: (reset) => {
        for (const connection of this.#connections()) connection.close({ reset });
      },
      write: (bytes) => {
        for (const connection of this.#connections()) connection.write(bytes);
      },
      listen: (listening) => (listening ? this.listen() : this.#stopListening()),
      switchTo: (file, codec, fps) => this.#switchTo(file, codec, fps),
      rotateNonce: () => this.#gatekeeper?.rotateNonce(),
    });
    const { phase = 0, parameterSets = 'both', aggregate = false, timestamp } = options;
    this.#broadcaster = new Broadcaster(
      stream,
      { phase, parameterSets: parameterSets !== 'sdp', aggregate, timestamp },
      this.faults,
      () => this.#connections(),
    );
  }

  get url(): string {
    return `rtsp://127.0.0.1:${this.#port}${this.#options.path ?? '/stream'}`;
  }

  /** The URL with user and password, percent-encoded. */
  get urlWithCredentials(): string {
    if (!this.#options.credentials) return this.url;
    const { user, password } = this.#options.credentials;
    return this.url.replace('//', `//${encodeURIComponent(user)}:${encodeURIComponent(password)}@`);
  }

  /** Clients that play now. */
  get clients(): number {
    return this.#connections().filter((connection) => connection.isPlaying).length;
  }

  /** Connections open now, playing or not. */
  get connections(): number {
    return this.#open.size;
  }

  get stats(): RtspCameraStats {
    return this.#stats;
  }

  /** Seconds since the start of the scene, from 0 to its length. */
  get position(): number {
    return this.#broadcaster.position;
  }

  /** Starts to listen, unless it does. */
  async listen(): Promise<void> {
    if (this.#server) return;
    const server = createServer((socket) => this.#accept(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#broadcaster.stop();
    const listening = this.#stopListening();
    for (const connection of this.#connections()) connection.close();
    await Promise.all([listening, ...this.#open.values()]);
  }

  #connections(): RtspConnection[] {
    return [...this.#open.keys()];
  }

  #accept(socket: Socket): void {
    this.#stats.accepted += 1;
    const connection = new RtspConnection(socket, this.#connectionHost());
    const closed = connection.serve().then(() => void this.#open.delete(connection));
    this.#open.set(connection, closed);
  }

  #connectionHost(): ConnectionHost {
    const { parameterSets = 'both', sessionTimeoutSeconds = 60, backlogBytes = 4 * 1024 ** 2 } = this.#options;
    return {
      url: this.url,
      faults: this.faults,
      gatekeeper: this.#gatekeeper,
      sessionTimeoutSeconds,
      backlogBytes,
      describe: () =>
        describeStream(this.#broadcaster.stream, {
          parameterSets: parameterSets !== 'stream',
          audioOnly: this.faults.audioOnly,
        }),
      nextKeyframeTimestamp: () => this.#broadcaster.nextKeyframeTimestamp,
      playing: () => this.#broadcaster.start(),
      requested: (method) => {
        this.#stats.requests[method] = (this.#stats.requests[method] ?? 0) + 1;
      },
      closedAsSlow: () => {
        this.#stats.closedAsSlow += 1;
      },
    };
  }

  /** The port is free when this is called; the server's own 'close' waits for the connections that are still open. */
  async #stopListening(): Promise<void> {
    this.#server?.close();
    this.#server = undefined;
  }

  async #switchTo(file: string | Buffer, codec?: VideoCodec, fps?: number): Promise<void> {
    const former = this.#broadcaster.stream;
    const stream = await loadStream(file, codec ?? former.codec, fps ?? former.fps);
    if (stream.codec !== former.codec) for (const connection of this.#connections()) connection.close();
    this.#broadcaster.switchTo(stream);
  }
}
