/**
 * The options of both routes, checked and turned into what the worker understands. Options of the standard API that have no meaning here
 * are ignored, so that existing clients work unchanged.
 */
import { z } from 'zod';
import { DETECT_DEFAULTS, type DetectQuery } from '../inference/protocol.ts';
import { FramegateError } from '../lib/errors.ts';
import type { DetectOptions } from './worker-protocol.ts';

/** A number, or the text of one as it stands in a query. */
const number = z.union([z.number(), z.string().trim().min(1).pipe(z.coerce.number())], 'expected a number');

/** 0..1, or a percentage from 1 on. */
const ratio = number.pipe(z.number().min(0).max(100)).transform((value) => (value >= 1 ? value / 100 : value));

/** Lower scores only cost time: thousands of boxes that nobody wants. */
const LOWEST_CONFIDENCE = 0.01;

const confidence = z
  .union(
    [z.enum(['best', 'default']).transform(() => DETECT_DEFAULTS.confidence), ratio],
    'expected a number from 0 to 100',
  )
  .transform((value) => Math.max(LOWEST_CONFIDENCE, value))
  .default(DETECT_DEFAULTS.confidence);

const maxDetections = number.pipe(z.int().min(1)).default(DETECT_DEFAULTS.max_detections);

const detectQuery = z.object({
  confidence,
  overlap: ratio.default(DETECT_DEFAULTS.overlap),
  max_detections: maxDetections,
  format: z.string().default('json'),
  image_type: z.string().default('base64'),
  image: z.string().optional(),
} satisfies Partial<Record<keyof DetectQuery | 'image', z.ZodType>>);

/** The query of the path route. Throws ERR_INFERENCE_REJECTED for a bad value, ERR_USAGE for one that is not offered here. */
export function parseQuery(query: unknown): DetectOptions {
  const parsed = check(detectQuery, query);
  if (parsed.image !== undefined) throw notOffered('image by URL', 'send the picture in the body');
  if (parsed.format !== 'json') throw notOffered(`format=${parsed.format}`, 'ask for format=json');
  if (parsed.image_type !== 'base64') {
    throw notOffered(`image_type=${parsed.image_type}`, 'send base64 text or multipart');
  }
  return {
    confidence: parsed.confidence,
    overlap: parsed.overlap,
    maxDetections: parsed.max_detections,
    classAgnostic: false,
  };
}

const picture = z.object({ type: z.string(), value: z.string() });
const nulls = <T extends z.ZodType>(schema: T) => z.preprocess((value) => value ?? undefined, schema);

const inferBody = z.object({
  id: nulls(z.string().optional()),
  model_id: z.string(),
  image: z.union([picture, z.array(picture).min(1)], 'expected {"type": "base64", "value": ...} or a list of these'),
  confidence: nulls(confidence),
  iou_threshold: nulls(ratio.default(DETECT_DEFAULTS.overlap)),
  max_detections: nulls(maxDetections),
  class_filter: nulls(z.array(z.string()).optional()),
  class_agnostic_nms: nulls(z.boolean().default(false)),
});

export interface InferRequest {
  readonly id: string | undefined;
  readonly ref: string;
  /** Base64 texts. */
  readonly pictures: readonly string[];
  /** The client sent a list and gets one back. */
  readonly isList: boolean;
  readonly options: DetectOptions;
}

/** The body of the v1 route. Throws ERR_INFERENCE_REJECTED for a bad value, ERR_USAGE for a picture that is not base64. */
export function parseInferBody(body: unknown): InferRequest {
  const parsed = check(inferBody, body);
  const pictures = Array.isArray(parsed.image) ? parsed.image : [parsed.image];
  for (const { type } of pictures) {
    if (type !== 'base64') throw notOffered(`image type ${type}`, 'send {"type": "base64", "value": ...}');
  }
  return {
    id: parsed.id,
    ref: parsed.model_id,
    pictures: pictures.map(({ value }) => value),
    isList: Array.isArray(parsed.image),
    options: {
      confidence: parsed.confidence,
      overlap: parsed.iou_threshold,
      maxDetections: parsed.max_detections,
      classAgnostic: parsed.class_agnostic_nms,
      labels: parsed.class_filter,
    },
  };
}

function check<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const message = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the request'}: ${issue.message}`);
  throw new FramegateError('ERR_INFERENCE_REJECTED', message.join('; '), { retryable: false });
}

function notOffered(what: string, hint: string): FramegateError {
  return new FramegateError('ERR_USAGE', `${what} is not offered by this server`, { hint, retryable: false });
}
