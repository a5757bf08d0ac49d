/**
 * From errors to the status codes of the standard API; the body is `{"message": ...}`, or `{"error": ...}` under `/v2`.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { describeError, type ErrorCode, isFramegateError } from '../lib/errors.ts';
import type { Logger } from '../telemetry/logger.ts';
import { statusOf } from './picture-body.ts';

const STATUS: Partial<Record<ErrorCode, number>> = {
  ERR_USAGE: 400,
  ERR_IMAGE_INVALID: 400,
  ERR_INFERENCE_UNAUTHORIZED: 401,
  ERR_MODEL_NOT_FOUND: 404,
  ERR_INFERENCE_REJECTED: 422,
  ERR_MODEL_UNSUPPORTED: 501,
  ERR_INFERENCE_OVERLOADED: 503,
  ERR_INFERENCE_UNAVAILABLE: 503,
  ERR_TIMEOUT: 504,
  ERR_MODEL_TOO_LARGE: 507,
};

export function sendError(request: FastifyRequest, reply: FastifyReply, error: unknown, logger: Logger): FastifyReply {
  const answer = (status: number, message: string) => {
    // What is overloaded or still loading is worth another try; so the standard clients know when.
    if (status === 503) reply.header('retry-after', '1');
    return reply.code(status).send(errorBody(request, message));
  };
  if (isFramegateError(error)) {
    const status = STATUS[error.code] ?? 500;
    // The Open Inference Protocol knows 400 only for requests that make no sense.
    return answer(status === 422 && isV2(request) ? 400 : status, describeError(error));
  }
  const status = statusOf(error) ?? 500;
  if (status === 413) return answer(413, 'the body is too large: send a smaller picture, or raise serve.maxImage');
  if (status < 500) return answer(status, describeError(error));
  logger.error({ reason: describeError(error) }, 'request failed');
  return answer(500, 'internal error');
}

/** The key that clients of the API look for. */
export function errorBody(request: Pick<FastifyRequest, 'url'>, message: string): Record<string, string> {
  return isV2(request) ? { error: message } : { message };
}

const isV2 = ({ url }: Pick<FastifyRequest, 'url'>) => /^\/v2(\/|$)/.test(url);
