import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { FramegateError } from '../lib/errors.ts';

/**
 * Lets a request pass whose key is one of `keys`; everybody when there are none. The key is looked for where the standard API allows it:
 * query, then `Authorization: Bearer`, then body. Throws ERR_USAGE without a key, ERR_INFERENCE_UNAUTHORIZED with a wrong one.
 */
export function authorize(keys: readonly string[], request: FastifyRequest, body?: unknown): void {
  if (keys.length === 0) return;
  const bearer = /^Bearer\s+(.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const key = apiKeyIn(request.query) ?? bearer ?? apiKeyIn(body);
  if (key === undefined) {
    throw new FramegateError('ERR_USAGE', 'the request has no API key', {
      hint: 'send it as "Authorization: Bearer KEY" or as query option api_key',
      retryable: false,
    });
  }
  const given = digest(key);
  // All of them, so that the time does not tell which one comes close.
  const matches = keys.filter((known) => timingSafeEqual(digest(known), given));
  if (matches.length > 0) return;
  throw new FramegateError('ERR_INFERENCE_UNAUTHORIZED', 'the API key is not known here', { retryable: false });
}

function apiKeyIn(source: unknown): string | undefined {
  if (typeof source !== 'object' || source === null || !('api_key' in source)) return undefined;
  return typeof source.api_key === 'string' ? source.api_key : undefined;
}

const digest = (text: string) => createHash('sha256').update(text).digest();
