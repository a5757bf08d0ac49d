/**
 * What a decoder is: it turns the raw output of one family of models into detections. No thresholds but the score, no suppression, no I/O.
 */
import type { Detection } from '../../inference/detection.ts';
import type { Box } from '../../lib/box.ts';
import { FramegateError } from '../../lib/errors.ts';
import type { ModelManifest } from '../../models/manifest.ts';

/** The part of the model's input that the frame covers, in input pixels. */
export interface Fit {
  readonly width: number;
  readonly height: number;
  /** Where it begins; the top left corner of the input if not said. */
  readonly left?: number;
  readonly top?: number;
}

/** Output tensors by name, for one picture; row-major. */
export type Outputs = Readonly<Record<string, OutputTensor>>;

export interface OutputTensor {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** Detections with a score of at least `minScore` (0..1), in any order. Throws ERR_MODEL_UNSUPPORTED when the output has another shape. */
export type Decoder = (
  outputs: Outputs,
  manifest: Pick<ModelManifest, 'input' | 'labels'>,
  fit: Fit,
  minScore: number,
) => Detection[];

/** The values of a model with one output of `columns` values per row, and at most `rows` rows, whatever axes of length 1 are in front. */
export function soleTable(outputs: Outputs, columns: number, rows?: number): { data: Float32Array; rows: number } {
  const [output, ...others] = Object.values(outputs);
  const found = output?.dims.at(-1) === columns ? output.data.length / columns : undefined;
  if (output && found !== undefined && others.length === 0 && (rows === undefined || rows === found)) {
    return { data: output.data, rows: found };
  }
  throw unfit(`one output [1, ${rows ?? 'n'}, ${columns}]`, outputs);
}

/** The error of a decoder that does not find what it needs: `expected`. */
export function unfit(expected: string, outputs: Outputs): FramegateError {
  const shapes = Object.entries(outputs).map(([name, { dims }]) => `${name} [${dims.join(', ')}]`);
  const found = shapes.join(', ') || 'no output';
  return new FramegateError('ERR_MODEL_UNSUPPORTED', `expected ${expected}, got ${found}`, {
    hint: 'decoder, labels or input size in manifest.json do not belong to this model',
    retryable: false,
  });
}

/** A box in fractions of the frame, cut at its borders; undefined when nothing of it is inside, or when the corners are no numbers. */
export function boxInFrame(x1: number, y1: number, x2: number, y2: number, fit: Fit): Box | undefined {
  const { left: originX = 0, top: originY = 0 } = fit;
  const left = Math.max(0, (x1 - originX) / fit.width);
  const top = Math.max(0, (y1 - originY) / fit.height);
  const width = Math.min(1, (x2 - originX) / fit.width) - left;
  const height = Math.min(1, (y2 - originY) / fit.height) - top;
  return width > 0 && height > 0 ? [left, top, width, height] : undefined;
}

/** Index of the greatest of `length` values from `from` on, `step` apart. */
export function indexOfMaximum(data: Float32Array, from: number, length: number, step = 1): number {
  let best = 0;
  for (let i = 1; i < length; i += 1) if (data[from + i * step]! > data[from + best * step]!) best = i;
  return best;
}
