import { describeError, type ErrorCode, FramegateError, isFramegateError } from '../lib/errors.ts';
import type { ClipOutcome } from './detail.ts';

/** What the process of a clip says to the one that started it. */
export type WorkerMessage =
  | { readonly kind: 'progress'; readonly done: number; readonly all: number | undefined }
  | { readonly kind: 'outcome'; readonly outcome: ClipOutcome }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string; readonly hint: string | undefined };

export function failureOf(error: unknown): WorkerMessage {
  if (isFramegateError(error)) {
    return { kind: 'failed', code: error.code, message: error.message, hint: error.hint };
  }
  return { kind: 'failed', code: 'ERR_WORKER_FAILED', message: describeError(error), hint: undefined };
}

export function errorOf({ code, message, hint }: Extract<WorkerMessage, { kind: 'failed' }>): FramegateError {
  return new FramegateError(code, message, { ...(hint !== undefined && { hint }), retryable: false });
}
