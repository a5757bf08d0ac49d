/**
 * What the store knows about a model: where it came from, what it must hash to, and how to feed it and read its answer.
 */
import { z } from 'zod';

/** `project/version`, such as `coco/1`. Both parts start with a letter or digit, so neither can leave the store's folder or be hidden. */
export const modelRef = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]*\/[a-z0-9][a-z0-9_.-]*$/i, 'expected project/version, such as coco/1');

const perChannel = z.tuple([z.number(), z.number(), z.number()]);

const modelInput = z.strictObject({
  /** Size of the model's picture, in pixels. */
  width: z.int().min(1).max(8192),
  height: z.int().min(1).max(8192),
  /** Order of the axes; the batch of one is always in front. */
  layout: z.enum(['nchw', 'nhwc']),
  type: z.enum(['float32', 'uint8']),
  colour: z.enum(['rgb', 'bgr']),
  /** `letterbox` keeps the aspect ratio, picture in the top left corner; `letterbox-centre`, in the middle; `stretch` fills the input. */
  fit: z.enum(['letterbox', 'letterbox-centre', 'stretch']),
  /** Value 0..255 of the pixels that a letterbox leaves over. */
  pad: z.int().min(0).max(255).default(114),
  /** For `float32`: value = (pixel 0..255 - mean) * scale, one number per channel in the order of `colour`. Without them: 0..255. */
  mean: perChannel.optional(),
  scale: perChannel.optional(),
});

export type ModelInput = z.output<typeof modelInput>;

/** The part of a manifest that does not depend on the file. */
export const modelDescription = z.strictObject({
  task: z.literal('object-detection'),
  licence: z.string().min(1),
  input: modelInput,
  /** How the output is read, see README.md of the models folder. */
  decoder: z.enum(['yolox', 'nanodet', 'picodet', 'rf-detr', 'd-fine', 'yolov8', 'centernet', 'boxes']),
  /** The label of class `i` is `labels[i]`. */
  labels: z.array(z.string().min(1)).min(1),
  /** Lowest score by label, 0..1, whatever a client asks for. */
  thresholds: z.record(z.string(), z.number().min(0).max(1)).optional(),
  /** What runs it: `onnx`, the default, or the name of one of `serve.runners`. */
  runner: z.string().min(1).optional(),
  /** For the runner, as it stands. */
  options: z.record(z.string(), z.unknown()).optional(),
  /** Name of the file beside the manifest; default `model.onnx`. */
  file: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_.-]*$/i, 'expected a file name')
    .refine((name) => name !== 'manifest.json', 'is the name of the manifest')
    .optional(),
});

export type ModelDescription = z.output<typeof modelDescription>;

export const modelManifest = modelDescription.extend({
  schema: z.literal(1),
  name: modelRef,
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 in lower-case hex'),
  bytes: z.int().min(1),
  /** `https://...`, or `npm:package@version` for a model that was built here. Manifests are shown around, so no password in it. */
  source: z
    .string()
    .min(1)
    .refine((source) => !/^https?:\/\/[^/]*@/.test(source), 'must not contain a user name or password'),
});

export type ModelManifest = z.output<typeof modelManifest>;
