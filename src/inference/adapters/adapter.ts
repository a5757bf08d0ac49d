/**
 * One adapter per API. An adapter knows the wire: how a picture is asked about, and what an answer means. It knows nothing of deadlines, retries
 * or other servers.
 */
import type { TargetConfig } from '../config.ts';
import type { Detection } from '../detection.ts';
import { errorFailure, type Failure, type HttpAnswer, statusFailure } from '../failure.ts';
import type { HttpRequest, HttpTarget } from '../http-target.ts';
import { DEADLINE_HEADER } from '../protocol.ts';
import type { Reading } from '../seen-objects.ts';

export interface Question {
  /** As project/version. */
  readonly model: string;
  readonly jpeg: Buffer;
  /** Lowest score wanted, 0..1. */
  readonly confidence: number;
  /** IoU, 0..1. */
  readonly overlap: number;
  /** How long the answer is waited for. */
  readonly remainingMs: number;
  /** Told the bytes of each body that carries the picture. */
  readonly onSend: (bytes: number) => void;
}

export type Outcome = Failure | { readonly detections: readonly Detection[] };

export interface Adapter {
  /** Asks once. Never rejects; an abort of `signal` is some failure, which the caller knows better. */
  ask(question: Question, signal: AbortSignal): Promise<Outcome>;
  /** Where `GET` says whether the server is well; many servers do not know it. */
  readonly healthPath: string;
}

/** Throws nothing and opens nothing. */
export type CreateAdapter = (http: HttpTarget, config: TargetConfig) => Adapter;

/** Sends one request and gives what `read` makes of an answer with status 2xx, or the failure that it came to. */
export async function exchange<T extends object>(
  http: HttpTarget,
  request: HttpRequest,
  signal: AbortSignal,
  read: (answer: HttpAnswer) => T,
): Promise<T | Failure> {
  const who = `${http.display}${request.path}`;
  let answer: HttpAnswer;
  try {
    answer = await http.request(request, signal);
  } catch (error) {
    return errorFailure(who, error, http.clean);
  }
  if (answer.status < 200 || answer.status >= 300) return statusFailure(who, answer, http.clean);
  return read(answer);
}

/** As `exchange`, with a picture in the body and detections in the answer. */
export async function askAbout(
  http: HttpTarget,
  request: HttpRequest & { readonly body: string | Buffer },
  { onSend, remainingMs }: Question,
  signal: AbortSignal,
  read: (answer: HttpAnswer) => Reading,
): Promise<Outcome> {
  onSend(Buffer.byteLength(request.body));
  const headers = { ...request.headers, [DEADLINE_HEADER]: String(Math.max(0, Math.floor(remainingMs))) };
  return exchange(http, { ...request, headers }, signal, (answer): Outcome => {
    const reading = read(answer);
    if ('detections' in reading) return reading;
    return { reason: 'bad_answer', message: `${http.display}${request.path} sent ${reading.problem}` };
  });
}
