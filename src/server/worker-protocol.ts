/**
 * What the server and its worker process say to each other over the IPC channel (structured clone). Every request gets one answer with its id.
 */
import type { Detection } from '../inference/detection.ts';
import type { ErrorCode } from '../lib/errors.ts';
import type { ModelManifest } from '../models/manifest.ts';

export interface DetectOptions {
  /** Lowest score, 0..1. */
  readonly confidence: number;
  /** Boxes with a higher IoU than this are one object, 0..1. */
  readonly overlap: number;
  readonly maxDetections: number;
  /** Suppress across labels too. */
  readonly classAgnostic: boolean;
  /** Only these labels; undefined means all. */
  readonly labels?: readonly string[] | undefined;
}

export interface LoadRequest {
  readonly kind: 'load';
  readonly ref: string;
  readonly file: string;
  readonly manifest: ModelManifest;
}

export interface DetectRequest {
  readonly kind: 'detect';
  readonly ref: string;
  /** An encoded picture. */
  readonly image: Uint8Array;
  readonly options: DetectOptions;
}

/** Answered as soon as the process is up. */
interface HelloRequest {
  readonly kind: 'hello';
}

export type WorkerRequest = HelloRequest | LoadRequest | DetectRequest;

export interface WorkerMessage {
  readonly id: number;
  readonly request: WorkerRequest;
}

export interface PictureAnswer {
  /** Best first. */
  readonly detections: readonly Detection[];
  /** Size of the upright picture, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Seconds from the encoded picture to the detections. */
  readonly seconds: number;
}

export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
  readonly retryable: boolean;
}

export interface WorkerAnswer {
  readonly id: number;
  /** Of a `detect` request that went well. */
  readonly picture?: PictureAnswer | undefined;
  readonly error?: WireError;
  /** Resident set of the worker, in bytes. */
  readonly memory: number;
}
