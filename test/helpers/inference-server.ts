/**
 * A real HTTP server on a free port of 127.0.0.1 that answers, and misbehaves, as it is told.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export type Reply = (response: ServerResponse, request: Recorded) => void;

export interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  /** Counts connections from 1. */
  readonly connection: number;
}

export class InferenceServer implements AsyncDisposable {
  /** Requests of model answers, without those of health routes. */
  readonly requests: Recorded[] = [];
  /** Answers in order; the last one stays. */
  #replies: Reply[] = [detections([])];
  #health: Reply = json(200, { status: 'ready' });
  readonly #server: Server;
  readonly #sockets = new Map<Socket, number>();
  #connections = 0;

  static async start(...replies: Reply[]): Promise<InferenceServer> {
    const server = new InferenceServer();
    if (replies.length > 0) server.reply(...replies);
    await server.#listen(0);
    return server;
  }

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#server.on('connection', (socket) => {
      this.#connections += 1;
      this.#sockets.set(socket, this.#connections);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The connections that are open, by their numbers. */
  get openConnections(): number[] {
    return [...this.#sockets.values()];
  }

  /** What comes next: one reply per request, the last one for all that follow. */
  reply(...replies: Reply[]): void {
    this.#replies = replies;
  }

  /** What `GET /readiness` answers. */
  health(reply: Reply): void {
    this.#health = reply;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets.keys()) socket.destroy();
    await closed;
  }

  #listen(port: number): Promise<void> {
    return new Promise((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const url = new URL(request.url ?? '/', this.url);
    const recorded: Recorded = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body: Buffer.concat(chunks),
      connection: this.#sockets.get(request.socket) ?? 0,
    };
    if (url.pathname.endsWith('/readiness')) return this.#health(response, recorded);
    this.requests.push(recorded);
    const reply = this.#replies.length > 1 ? this.#replies.shift() : this.#replies[0];
    return reply?.(response, recorded);
  }
}

export interface WirePrediction {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly confidence: number;
  readonly class: string;
}

/** A proper answer about a picture of 640x480 pixels. */
export function detections(predictions: readonly WirePrediction[], image = { width: 640, height: 480 }): Reply {
  return json(200, { inference_id: 'a', time: 0.01, image, predictions });
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Reply {
  return raw(status, JSON.stringify(body), { 'content-type': 'application/json', ...headers });
}

export function raw(status: number, body: string | Buffer, headers: Record<string, string> = {}): Reply {
  return (response) => void response.writeHead(status, headers).end(body);
}

/** Takes the request and says nothing. */
export const silence: Reply = () => undefined;

/** Breaks the connection before it says anything. */
export const reset: Reply = (response) => void response.socket?.resetAndDestroy();

/** Promises more than it sends, then breaks the connection. */
export function breakOff(part: string, how: 'reset' | 'close' = 'reset'): Reply {
  return (response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': part.length + 1000 });
    response.write(part, () => {
      if (how === 'reset') response.socket?.resetAndDestroy();
      else response.socket?.end();
    });
  };
}

/** Sends a byte every `everyMs`, for ever. */
export function drip(everyMs = 20): Reply {
  return (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const timer = setInterval(() => response.write(' '), everyMs);
    response.on('close', () => clearInterval(timer));
  };
}

/** Waits, then replies. */
export function after(ms: number, reply: Reply): Reply {
  return (response, request) => void setTimeout(() => reply(response, request), ms);
}
