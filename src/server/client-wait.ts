import type { FastifyReply, FastifyRequest } from 'fastify';
import { DEADLINE_HEADER } from '../inference/protocol.ts';
import { FramegateError } from '../lib/errors.ts';
import { RequestWait } from './request-wait.ts';

/** The header that proxies of the Envoy family set, in ms as well. */
const PROXY_DEADLINE_HEADER = 'x-envoy-expected-rq-timeout-ms';

/** Over when the client goes away before it has its answer, or when the time that it gives in a header has passed. */
export function clientWait(
  request: FastifyRequest,
  reply: FastifyReply,
  deadlineMs = headerDeadline(request),
): RequestWait {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return new RequestWait(controller.signal, deadlineMs);
}

/** Throws ERR_INFERENCE_REJECTED when the header is no number. */
export function headerDeadline({ headers }: FastifyRequest): number | undefined {
  const text = headers[DEADLINE_HEADER] ?? headers[PROXY_DEADLINE_HEADER];
  if (text === undefined) return undefined;
  const ms = Number(text);
  if (Number.isFinite(ms) && ms >= 0) return ms;
  throw new FramegateError('ERR_INFERENCE_REJECTED', `${DEADLINE_HEADER}: expected a number of milliseconds`, {
    retryable: false,
  });
}
