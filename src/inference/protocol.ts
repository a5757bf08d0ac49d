/**
 * Wire format of the standard inference API: what the gateway's client and the microservice must agree on, and nothing else.
 */
import { z } from 'zod';

/** Query options of `POST /{project}/{version}`, by the names they have on the wire. */
export interface DetectQuery {
  readonly api_key?: string;
  /** Lowest score that is answered, 0..1; a value of 1 or more is a percentage. */
  readonly confidence?: number;
  /** Boxes of one class with a higher IoU than this are one object, 0..1; a value of 1 or more is a percentage. */
  readonly overlap?: number;
  readonly max_detections?: number;
  readonly format?: 'json';
  readonly image_type?: 'base64';
  /** `true` keeps a hosted service from storing the frame as training data. */
  readonly disable_active_learning?: boolean;
  /** Name and version of the asking program. */
  readonly source?: string;
  readonly source_info?: string;
}

/** What the server takes when an option is absent. */
export const DETECT_DEFAULTS = { confidence: 0.4, overlap: 0.3, max_detections: 300 } as const;

/** Name of the multipart part that holds the picture. */
export const IMAGE_PART = 'file';

/** Content type of a body that is base64 text, as published examples send it; it is not form data all the same. */
export const BASE64_CONTENT_TYPE = 'application/x-www-form-urlencoded';

const prediction = z.object({
  /** Centre of the box, in pixels of the picture that was sent. */
  x: z.number(),
  y: z.number(),
  /** In pixels of the picture that was sent. */
  width: z.number().nonnegative(),
  height: z.number().nonnegative(),
  /** 0..1. */
  confidence: z.number(),
  class: z.string(),
  class_id: z.int().optional(),
  detection_id: z.string().optional(),
});

/** Answer of an object detection model. Servers of other kinds and ages leave out all that is optional here. */
export const detectionAnswer = z.object({
  predictions: z.array(prediction),
  /** Size in pixels of the picture that was sent; some servers write the numbers as text. */
  image: z.object({ width: z.coerce.number().positive(), height: z.coerce.number().positive() }),
  inference_id: z.string().optional(),
  /** Seconds the server took. */
  time: z.number().optional(),
});

export type DetectionAnswer = z.output<typeof detectionAnswer>;

/** Body of an error: `message` by the standard, `error` by older servers, which send it with status 200. */
export const errorAnswer = z.union([z.object({ message: z.string() }), z.object({ error: z.string() })]);

/** Request header: milliseconds that the client still waits. A server that knows it does not begin what nobody waits for any more. */
export const DEADLINE_HEADER = 'x-framegate-deadline-ms';
