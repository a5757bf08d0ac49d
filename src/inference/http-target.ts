/**
 * One inference server over HTTP: connections, addresses and secrets. What a status or a body means is not its affair.
 */
import { type Dispatcher, Pool } from 'undici';
import { redact } from '../lib/redact.ts';
import type { TargetConfig } from './config.ts';
import { type HttpAnswer, parseRetryAfter } from './failure.ts';

/** Detections of one frame are a few kilobytes; a server that sends more than this is broken or no inference server. */
const MAX_ANSWER_BYTES = 8 * 1024 ** 2;

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** Below the configured base URL, starting with `/`. */
  readonly path: string;
  /** A list stands for the same name several times. */
  readonly query?: Readonly<Record<string, string | readonly string[]>>;
  /** In lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** Disposing it waits for the requests under way; their signals bound that. */
export interface HttpTarget extends AsyncDisposable {
  /** The base URL without secrets, for messages. */
  readonly display: string;
  /** Removes the key and the password from a text of unknown origin. */
  clean(text: string): string;
  /** Sends one request and reads its whole answer. Throws what undici throws; `signal` ends it at any stage. */
  request(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer>;
}

/** A URL as it may be shown: without user, password and query, where services have their keys. */
export function displayUrl(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname.replace(/\/+$/, '')}`;
}

/** Opens nothing yet: connections are made by requests, and kept alive between them. */
export function openHttpTarget(config: Pick<TargetConfig, 'url' | 'apiKey'>): HttpTarget {
  const base = new URL(config.url);
  const prefix = base.pathname.replace(/\/+$/, '');
  const password = decodeURIComponent(base.password);
  const secrets = [config.apiKey, password, ...base.searchParams.values()].filter((secret) => secret !== undefined);
  const spellings = secrets.flatMap((secret) => [secret, encodeURIComponent(secret)]);
  const authorization = base.username
    ? `Basic ${Buffer.from(`${decodeURIComponent(base.username)}:${password}`).toString('base64')}`
    : undefined;
  const pool = new Pool(base.origin, {
    // The frame's deadline rules, through the signal.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: MAX_ANSWER_BYTES,
  });

  const address = (request: HttpRequest) => {
    const query = new URLSearchParams(base.searchParams);
    for (const [name, value] of Object.entries(request.query ?? {})) {
      query.delete(name);
      for (const one of [value].flat()) query.append(name, one);
    }
    const search = query.toString();
    return `${prefix}${request.path}${search ? `?${search}` : ''}`;
  };

  return {
    display: displayUrl(config.url),
    clean: (text) => redact(text, spellings),
    async request(request, signal) {
      const options: Dispatcher.RequestOptions = {
        method: request.method,
        path: address(request),
        headers: { ...request.headers, ...(authorization && { authorization }) },
        signal,
        // undici 7 crashes the process when a connection ends while it has paused it for a slow reader (nodejs/undici 5360), so it never pauses.
        highWaterMark: MAX_ANSWER_BYTES,
      };
      if (request.body !== undefined) options.body = request.body;
      const answer = await pool.request(options);
      return {
        status: answer.statusCode,
        headers: answer.headers,
        body: Buffer.from(await answer.body.arrayBuffer()),
        retryAfterMs: parseRetryAfter(answer.headers['retry-after']),
      };
    },
    [Symbol.asyncDispose]: () => pool.close(),
  };
}
