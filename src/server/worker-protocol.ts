/**
 * What the server and its worker processes say to each other over the IPC channel (structured clone). Every request gets one answer with
 * its id.
 */
import type { Detection } from '../inference/detection.ts';
import type { ErrorCode } from '../lib/errors.ts';
import type { ModelInput, ModelManifest } from '../models/manifest.ts';
import type { ExecutionProvider } from './config.ts';
import type { Fit } from './decoders/decoder.ts';
import type { TensorSpec, WireTensor } from './tensor.ts';

export interface DetectOptions {
  /** Lowest score, 0..1; undefined leaves it to the model. */
  readonly confidence?: number | undefined;
  /** Boxes with a higher IoU than this are one object, 0..1. */
  readonly overlap: number;
  readonly maxDetections: number;
  /** Suppress across labels too. */
  readonly classAgnostic: boolean;
  /** How many boxes, best first, suppression looks at. */
  readonly maxCandidates?: number | undefined;
  /** Only these labels; undefined means all. */
  readonly labels?: readonly string[] | undefined;
}

export interface SessionSettings {
  /** Best first. */
  readonly providers: readonly ExecutionProvider[];
  /** Threads for one run. */
  readonly threads: number;
}

export interface LoadRequest {
  readonly kind: 'load';
  /** What the other requests call it; never used for another model. */
  readonly key: string;
  readonly file: string;
  readonly manifest: ModelManifest;
  readonly settings: SessionSettings;
}

/** What there is to know about a model once it is loaded. */
export interface LoadedModel {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** True if one run takes any number of pictures. */
  readonly hasBatchAxis: boolean;
  /** By how much the process grew, in bytes. */
  readonly bytes: number;
  /** Why not the first of the wanted providers computes; empty when it does. */
  readonly fallback: string;
}

export interface UnloadRequest {
  readonly kind: 'unload';
  readonly key: string;
}

export interface PictureJob {
  /** An encoded picture. */
  readonly image: Uint8Array;
  readonly options: DetectOptions;
}

export interface DetectRequest {
  readonly kind: 'detect';
  readonly key: string;
  /** Run together. */
  readonly pictures: readonly PictureJob[];
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

/** One for each picture of the request. */
export type PictureOutcome = { readonly picture: PictureAnswer } | { readonly error: WireError };

/** Runs the graph as it is. */
export interface InferRequest {
  readonly kind: 'infer';
  readonly key: string;
  /** Tensors of the graph, or an encoded picture that becomes its input as in `detect`. */
  readonly inputs: readonly WireTensor[] | Uint8Array;
  /** Names of the outputs wanted. */
  readonly outputs: readonly string[];
}

/** An encoded picture -> the pixels that a model of another process wants. */
export interface PrepareRequest {
  readonly kind: 'prepare';
  readonly image: Uint8Array;
  readonly input: ModelInput;
}

export interface PreparedPicture {
  readonly data: Uint8Array | Float32Array;
  readonly fit: Fit;
  readonly width: number;
  readonly height: number;
}

export interface Drawing {
  /** Width of the lines, in pixels. */
  readonly stroke: number;
  /** Write label and score at each box. */
  readonly labels: boolean;
}

/** Draws boxes into an encoded picture; answered with a JPEG. */
export interface DrawRequest {
  readonly kind: 'draw';
  readonly image: Uint8Array;
  readonly detections: readonly Detection[];
  readonly drawing: Drawing;
}

/** Answered as soon as the process is up. */
interface HelloRequest {
  readonly kind: 'hello';
}

export type WorkerRequest =
  | HelloRequest
  | LoadRequest
  | UnloadRequest
  | DetectRequest
  | InferRequest
  | PrepareRequest
  | DrawRequest;

/** The answer to a request that went well, by its kind. */
export interface WorkerResults {
  hello: undefined;
  load: LoadedModel;
  unload: undefined;
  detect: readonly PictureOutcome[];
  infer: readonly WireTensor[];
  prepare: PreparedPicture;
  draw: Uint8Array;
}

export interface WorkerMessage {
  readonly id: number;
  readonly request: WorkerRequest;
}

export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
  readonly retryable: boolean;
}

export interface WorkerAnswer {
  readonly id: number;
  /** Of the kind that the request asks for. */
  readonly result?: unknown;
  readonly error?: WireError;
  /** Resident set of the worker, in bytes. */
  readonly memory: number;
}
