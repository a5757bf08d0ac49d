/**
 * The one error class of the program. Match on `code`, never on the message: codes are stable and listed in ARCHITECTURE.md.
 */

export const ERROR_CODES = [
  'ERR_CONFIG_MISSING',
  'ERR_CONFIG_INVALID',
  'ERR_SECRET_MISSING',
  'ERR_USAGE',
  'ERR_SERVICE_INSTALL',
  'ERR_PORT_IN_USE',
  'ERR_DISK_FULL',
  'ERR_TIMEOUT',
  'ERR_FFMPEG_MISSING',
  'ERR_FFMPEG_EXITED',
  'ERR_STREAM_CORRUPT',
  'ERR_SOURCE_REFUSED',
  'ERR_SOURCE_UNAUTHORIZED',
  'ERR_SOURCE_NOT_FOUND',
  'ERR_SOURCE_NO_VIDEO',
  'ERR_SOURCE_UNSUPPORTED',
  'ERR_SOURCE_STALLED',
  'ERR_SOURCE_ENDED',
  'ERR_ONVIF_UNREACHABLE',
  'ERR_ONVIF_UNAUTHORIZED',
  'ERR_ONVIF_UNSUPPORTED',
  'ERR_CLIP_UNREADABLE',
  'ERR_TRUTH_INVALID',
  'ERR_PICTURE_GONE',
  'ERR_PICTURE_FAILED',
  'ERR_INFERENCE_UNAVAILABLE',
  'ERR_INFERENCE_OVERLOADED',
  'ERR_INFERENCE_UNAUTHORIZED',
  'ERR_INFERENCE_REJECTED',
  'ERR_MODEL_NOT_FOUND',
  'ERR_MODEL_CORRUPT',
  'ERR_MODEL_UNSUPPORTED',
  'ERR_MODEL_TOO_LARGE',
  'ERR_MODEL_HASH',
  'ERR_MODEL_DOWNLOAD',
  'ERR_IMAGE_INVALID',
  'ERR_WORKER_FAILED',
  'ERR_GATEWAY_UNREACHABLE',
  'ERR_GATEWAY_REFUSED',
  'ERR_MQTT_UNREACHABLE',
  'ERR_MQTT_REFUSED',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

export interface ErrorDetails {
  /** What caused it, kept for the debug log. */
  readonly cause?: unknown;
  /** What the reader can do about it: one sentence, shown after the message. */
  readonly hint?: string;
  /** Whether the same thing may work when tried again soon. Default true. */
  readonly retryable?: boolean;
}

export class FramegateError extends Error {
  override readonly name = 'FramegateError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
    this.retryable = details.retryable ?? true;
  }
}

/** True if `error` is one of ours and carries one of `codes` (any code when none is named). */
export function isFramegateError(error: unknown, ...codes: ErrorCode[]): error is FramegateError {
  return error instanceof FramegateError && (codes.length === 0 || codes.includes(error.code));
}

/** One line for a person: what failed, and the way out. Never a stack trace. */
export function describeError(error: unknown): string {
  if (error instanceof FramegateError) return error.hint ? `${error.message}: ${error.hint}` : error.message;
  if (error instanceof Error) return error.message || error.name;
  return String(error);
}

/** The system error code (`ENOSPC`, `ECONNREFUSED`) of an error or of its causes, if there is one. */
export function systemErrorCode(error: unknown): string | undefined {
  for (let current: unknown = error, depth = 0; current instanceof Error && depth < 5; depth += 1) {
    const code = (current as NodeJS.ErrnoException).code;
    if (typeof code === 'string' && !code.startsWith('ERR_')) return code;
    current = current.cause;
  }
  return undefined;
}
