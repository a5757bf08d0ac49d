/**
 * The options of both routes, checked and turned into what the worker understands. Options of the standard API that have no meaning here
 * are ignored, so that existing clients work unchanged.
 */
import { z } from 'zod';
import { DETECT_DEFAULTS, type DetectQuery } from '../inference/protocol.ts';
import { FramegateError } from '../lib/errors.ts';
import type { DetectOptions, Drawing } from './worker-protocol.ts';

/** In one request. */
const MAX_PICTURES = 64;

/** A number, or the text of one as it stands in a query. */
const number = z.union([z.number(), z.string().trim().min(1).pipe(z.coerce.number())], 'expected a number');

/** 0..1, or a percentage from 1 on. */
const ratio = number.pipe(z.number().min(0).max(100)).transform((value) => (value >= 1 ? value / 100 : value));

/** Lower scores only cost time: thousands of boxes that nobody wants. */
const LOWEST_CONFIDENCE = 0.01;

/** Undefined leaves it to the model. */
const confidence = z
  .union(
    [
      z.enum(['best', 'default']).transform(() => undefined),
      ratio.transform((value) => Math.max(LOWEST_CONFIDENCE, value)),
    ],
    'expected a number from 0 to 100',
  )
  .optional();

const maxDetections = number.pipe(z.int().min(1)).default(DETECT_DEFAULTS.max_detections);
const stroke = number.pipe(z.int().min(1).max(100)).default(1);
/** As texts of a query go. */
const flag = z.stringbool('expected true or false').default(false);

/** What every way of asking has. */
export const detectOptions = {
  confidence,
  overlap: ratio.default(DETECT_DEFAULTS.overlap),
  max_detections: maxDetections,
};

const detectQuery = z.object({
  ...detectOptions,
  format: z.enum(['json', 'image', 'image_and_json']).default('json'),
  labels: flag,
  stroke,
  image_type: z.string().default('base64'),
  image: z.string().optional(),
} satisfies Partial<Record<keyof DetectQuery | 'image' | 'labels' | 'stroke', z.ZodType>>);

/** What a client sends as a picture: bytes in base64, or where to fetch it. */
export type PictureSource = { readonly base64: string } | { readonly url: string };

export interface PathRequest {
  readonly options: DetectOptions;
  /** Where the picture is, if not in the body. */
  readonly url: string | undefined;
  readonly format: 'json' | 'image' | 'image_and_json';
  readonly drawing: Drawing;
}

/** The query of the path route. Throws ERR_INFERENCE_REJECTED for a bad value, ERR_USAGE for one that is not offered here. */
export function parseQuery(query: unknown): PathRequest {
  const parsed = check(detectQuery, query);
  if (parsed.image_type !== 'base64') {
    throw notOffered(`image_type=${parsed.image_type}`, 'send base64 text or multipart');
  }
  return {
    options: {
      confidence: parsed.confidence,
      overlap: parsed.overlap,
      maxDetections: parsed.max_detections,
      classAgnostic: false,
    },
    url: parsed.image,
    format: parsed.format,
    drawing: { stroke: parsed.stroke, labels: parsed.labels },
  };
}

const picture = z.object({ type: z.string(), value: z.string() });
const nulls = <T extends z.ZodType>(schema: T) => z.preprocess((value) => value ?? undefined, schema);

const inferBody = z.object({
  id: nulls(z.string().optional()),
  model_id: z.string(),
  image: z.union(
    [picture, z.array(picture).min(1).max(MAX_PICTURES)],
    `expected {"type": "base64", "value": ...} or a list of these, at most ${MAX_PICTURES}`,
  ),
  confidence: nulls(confidence),
  iou_threshold: nulls(ratio.default(DETECT_DEFAULTS.overlap)),
  max_detections: nulls(maxDetections),
  max_candidates: nulls(number.pipe(z.int().min(1)).optional()),
  class_filter: nulls(z.array(z.string()).optional()),
  class_agnostic_nms: nulls(z.boolean().default(false)),
  visualize_predictions: nulls(z.boolean().default(false)),
  visualization_labels: nulls(z.boolean().default(false)),
  visualization_stroke_width: nulls(stroke),
});

export interface InferRequest {
  readonly id: string | undefined;
  readonly ref: string;
  readonly pictures: readonly PictureSource[];
  /** The client sent a list and gets one back. */
  readonly isList: boolean;
  readonly options: DetectOptions;
  /** Undefined when no drawing is wanted. */
  readonly drawing: Drawing | undefined;
}

/** The body of the v1 route. Throws ERR_INFERENCE_REJECTED for a bad value, ERR_USAGE for a picture of another type. */
export function parseInferBody(body: unknown): InferRequest {
  const parsed = check(inferBody, body);
  const pictures = Array.isArray(parsed.image) ? parsed.image : [parsed.image];
  const drawing = { stroke: parsed.visualization_stroke_width, labels: parsed.visualization_labels };
  return {
    id: parsed.id,
    ref: parsed.model_id,
    pictures: pictures.map(sourceOf),
    isList: Array.isArray(parsed.image),
    options: {
      confidence: parsed.confidence,
      overlap: parsed.iou_threshold,
      maxDetections: parsed.max_detections,
      maxCandidates: parsed.max_candidates,
      classAgnostic: parsed.class_agnostic_nms,
      labels: parsed.class_filter,
    },
    drawing: parsed.visualize_predictions ? drawing : undefined,
  };
}

function sourceOf({ type, value }: z.output<typeof picture>): PictureSource {
  if (type === 'base64') return { base64: value };
  if (type === 'url') return { url: value };
  throw notOffered(`image type ${type}`, 'send {"type": "base64", "value": ...}');
}

/** `value` as `schema` has it. Throws ERR_INFERENCE_REJECTED with one line that names what is wrong. */
export function check<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const message = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the request'}: ${issue.message}`);
  throw new FramegateError('ERR_INFERENCE_REJECTED', message.join('; '), { retryable: false });
}

/** Bytes of a JSON body -> value. Throws ERR_INFERENCE_REJECTED. */
export function parseJson(body: unknown): unknown {
  try {
    return JSON.parse(Buffer.isBuffer(body) ? body.toString('utf8') : '');
  } catch (error) {
    throw new FramegateError('ERR_INFERENCE_REJECTED', 'the body is not JSON', { cause: error, retryable: false });
  }
}

export function notOffered(what: string, hint: string): FramegateError {
  return new FramegateError('ERR_USAGE', `${what} is not offered by this server`, { hint, retryable: false });
}
