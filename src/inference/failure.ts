/**
 * What can go wrong between the gateway and the model, in one vocabulary. The meaning of each status follows the error handlers of the
 * standard inference server (`inference/core/interfaces/http/error_handlers.py` of roboflow/inference).
 */
import type { IncomingHttpHeaders } from 'node:http';
import { errors } from 'undici';
import { systemErrorCode } from '../lib/errors.ts';
import { errorAnswer } from './protocol.ts';
import type { UnknownReason } from './verdict.ts';

export interface Failure {
  readonly reason: UnknownReason;
  /** One line that names the server and, where there is one, the way out. */
  readonly message: string;
  /** Present when the same request may work after this many ms. */
  readonly retryAfterMs?: number;
  /** The server asked for `retryAfterMs`, so nothing at all should be sent to it before. */
  readonly isPause?: true;
  /** The picture is larger than the server takes. */
  readonly isTooLarge?: true;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** All of it. */
  readonly body: Buffer;
  /** What `Retry-After` asks for, in ms. */
  readonly retryAfterMs: number | undefined;
}

const MAX_EXCERPT = 200;
/** A server that asks for more is asked again after this. */
const MAX_PAUSE_MS = 5 * 60_000;
/** May be gone at once. Not 501 (cannot do it at all). */
const PASSING_STATUSES = [500, 502, 503, 504];

/** The failure that an answer with a status other than 2xx stands for. `who` names the server, without secrets. */
export function statusFailure(who: string, answer: HttpAnswer, clean: (text: string) => string): Failure {
  const { status } = answer;
  const message = `${who} answered ${status}${said(answer.body.toString(), clean)}${wayOut(status)}`;
  const pause =
    answer.retryAfterMs === undefined
      ? undefined
      : { retryAfterMs: Math.min(answer.retryAfterMs, MAX_PAUSE_MS), isPause: true as const };
  if (status === 429) return { reason: 'overloaded', message, ...pause };
  // With Retry-After it is busy or loading the model; without, it lacks something it needs.
  if (status === 503 && pause) return { reason: 'overloaded', message, ...pause };
  if ([401, 402, 403, 423].includes(status)) return { reason: 'unauthorized', message };
  if (status === 404 || status === 507) return { reason: 'model_not_found', message };
  if (status === 408) return { reason: 'timeout', message };
  if (status === 413) return { reason: 'rejected', message, isTooLarge: true };
  if (status < 500) return { reason: 'rejected', message };
  return { reason: 'unavailable', message, ...(PASSING_STATUSES.includes(status) && { retryAfterMs: 0 }) };
}

/** The failure that a request without a complete answer stands for. Deadlines and stops are the caller's: it aborted the request. */
export function errorFailure(who: string, error: unknown, clean: (text: string) => string): Failure {
  const code = systemErrorCode(error) ?? '';
  const detail = clean((error instanceof Error && error.message) || code || 'unknown error');
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') {
    return { reason: 'bad_answer', message: `${who} sent an answer that is far too long for detections` };
  }
  if (error instanceof errors.HTTPParserError)
    return { reason: 'bad_answer', message: `${who} does not speak HTTP: ${detail}` };
  // The request changes nothing on the server, so it may be sent again even when the answer broke off in the middle.
  return { reason: 'unavailable', message: `${who} cannot be reached: ${detail}`, retryAfterMs: 0 };
}

/** The server's own words, short and on one line, for the end of a message. */
export function said(text: string, clean: (text: string) => string): string {
  // Cut roughly before it is cleaned, because that takes time, and finely after it, because half a key is still a secret.
  const line = ownWords(text)
    .slice(0, 50 * MAX_EXCERPT)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, 10 * MAX_EXCERPT);
  if (line === '') return '';
  const words = clean(line);
  return `: ${words.length > MAX_EXCERPT ? `${words.slice(0, MAX_EXCERPT)}…` : words}`;
}

function ownWords(text: string): string {
  if (text.trimStart().startsWith('<')) return 'a web page';
  const answer = errorAnswer.safeParse(parseJson(text));
  if (!answer.success) return text;
  return 'message' in answer.data ? answer.data.message : answer.data.error;
}

/** Undefined when `text` is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function wayOut(status: number): string {
  if (status >= 300 && status < 400) return ' (a redirect: put the final address into inference.url)';
  if (status === 401 || status === 403) return ' (check inference.apiKey)';
  if (status === 402 || status === 423) return ' (the account of inference.apiKey is out of credits or paused)';
  if (status === 404) return ' (check inference.model and inference.url)';
  if (status === 413) return ' (the picture is larger than the server takes, even a smaller one: use a smaller stream)';
  if (status === 507) return ' (the model does not fit into the server)';
  return '';
}

/** Milliseconds of a `Retry-After` header: seconds or an HTTP date (RFC 9110, 10.2.3). */
export function parseRetryAfter(header: string | string[] | undefined, now = Date.now()): number | undefined {
  const text = Array.isArray(header) ? header[0] : header;
  if (text === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(text.trim())) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
