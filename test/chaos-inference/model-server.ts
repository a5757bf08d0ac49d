/**
 * An inference service with a number of workers, over real HTTP, that can be killed, hang, slow down, fail and come back on its port.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export type Mood = 'well' | 'hung' | 'slow' | 'half';

export interface Arrival {
  readonly at: number;
  readonly camera: string;
  /** Requests at the server, with this one. */
  readonly atOnce: number;
}

const SLOWER = 10;

export class ModelServer {
  mood: Mood = 'well';
  /** Requests with a picture. */
  readonly arrivals: Arrival[] = [];
  readonly #workers: number;
  readonly #serviceMs: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;
  #waiting: Array<() => void> = [];
  #busy = 0;
  #atOnce = 0;
  #count = 0;

  /** Stops after the test. */
  static async start(workers: number, serviceMs: number): Promise<ModelServer> {
    const server = new ModelServer(workers, serviceMs);
    await server.start();
    onTestFinished(() => server.kill());
    return server;
  }

  private constructor(workers: number, serviceMs: number) {
    this.#workers = workers;
    this.#serviceMs = serviceMs;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  since(at: number): Arrival[] {
    return this.arrivals.filter((arrival) => arrival.at >= at);
  }

  /** Again on the same port. */
  async start(): Promise<void> {
    this.mood = 'well';
    const server = createServer((request, response) => void this.#answer(request, response));
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
  }

  /** As a process that is killed: connections break, and nobody listens any more. */
  async kill(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of this.#sockets) socket.resetAndDestroy();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return; // the client went away
    }
    // A server that hangs does not even say that it does.
    if (this.mood === 'hung') return;
    if (pathname === '/readiness') {
      response.end('{}');
      return;
    }
    this.#atOnce += 1;
    response.on('close', () => {
      this.#atOnce -= 1;
    });
    const camera = Buffer.from(Buffer.concat(chunks).toString(), 'base64').toString();
    this.arrivals.push({ at: performance.now(), camera, atOnce: this.#atOnce });
    await this.#work();
    this.#count += 1;
    if (this.mood === 'half' && this.#count % 2 === 0) {
      response.writeHead(500).end('{"message":"broken"}');
      return;
    }
    const predictions = [
      { x: 50, y: 50, width: 20, height: 20, confidence: 0.9, class: searchParams.get('source') ?? '' },
    ];
    response.end(JSON.stringify({ image: { width: 100, height: 100 }, predictions }));
  }

  async #work(): Promise<void> {
    if (this.#busy >= this.#workers) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#busy += 1;
    await new Promise((resolve) => setTimeout(resolve, this.#serviceMs * (this.mood === 'slow' ? SLOWER : 1)));
    this.#busy -= 1;
    this.#waiting.shift()?.();
  }
}
