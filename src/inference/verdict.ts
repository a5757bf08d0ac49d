import type { Detection } from './detection.ts';

/** Why a triggered frame has no answer. `unknown` is not `nothing`: each of these is published and counted. */
export const UNKNOWN_REASONS = [
  'superseded', // a newer frame of the same camera took its place before it was sent
  'stale', // its deadline passed before it was sent
  'no_picture', // its full-resolution picture could not be decoded
  'timeout', // the model did not answer within the deadline
  'unavailable', // connection refused or broken, 5xx, or resting after such failures
  'overloaded', // 429, or 503 with no room in the deadline
  'unauthorized', // 401, 402, 403, 423
  'model_not_found', // 404, 507
  'rejected', // 400, 413, 422: the request itself
  'bad_answer', // not JSON, `{"error"}` at 200, another task's answer
  'stopped', // the camera or the gateway was stopped while it waited
] as const;

export type UnknownReason = (typeof UNKNOWN_REASONS)[number];

/** What came of one triggered frame. */
export type Verdict =
  | {
      readonly verdict: 'ok';
      readonly model: string;
      /** Name of the server that answered. */
      readonly target?: string;
      readonly latencyMs: number;
      readonly detections: readonly Detection[];
    }
  | {
      readonly verdict: 'unknown';
      readonly model: string;
      readonly latencyMs: number;
      readonly reason: UnknownReason;
      readonly message: string;
    };
