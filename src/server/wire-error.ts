/**
 * Errors on their way between processes.
 */
import { describeError, FramegateError, isFramegateError } from '../lib/errors.ts';
import type { WireError } from './worker-protocol.ts';

export function toWire(error: unknown): WireError {
  const known = isFramegateError(error) ? error : new FramegateError('ERR_WORKER_FAILED', describeError(error));
  const { code, message, hint, retryable } = known;
  return { code, message, retryable, ...(hint !== undefined && { hint }) };
}

export function fromWire(error: WireError): FramegateError {
  return new FramegateError(error.code, error.message, error);
}
