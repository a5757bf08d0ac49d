/**
 * From errors to the status codes of the standard API; the body is always `{"message": ...}`.
 */
import type { FastifyReply } from 'fastify';
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
};

export function sendError(reply: FastifyReply, error: unknown, logger: Logger): FastifyReply {
  if (isFramegateError(error)) {
    const status = STATUS[error.code] ?? 500;
    if (status === 503) reply.header('retry-after', '1');
    return reply.code(status).send({ message: describeError(error) });
  }
  const status = statusOf(error) ?? 500;
  if (status === 413)
    return reply.code(413).send({ message: 'the body is too large: send a smaller picture, or raise serve.maxImage' });
  if (status < 500) return reply.code(status).send({ message: describeError(error) });
  logger.error({ reason: describeError(error) }, 'request failed');
  return reply.code(500).send({ message: 'internal error' });
}
