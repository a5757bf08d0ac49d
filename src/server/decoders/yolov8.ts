import type { Detection } from '../../inference/detection.ts';
import { decodeCenternet } from './centernet.ts';
import { boxInFrame, type Decoder, indexOfMaximum, unfit } from './decoder.ts';

/**
 * YOLOv8 and its successors: one output [1, 4 + labels, cells], column-wise `centre x, centre y, width, height` in input pixels and one
 * score 0..1 per label; or, exported end to end, rows `x1, y1, x2, y2, score, class` in input pixels.
 * Source: ultralytics documentation of the ONNX export and its published examples of reading it.
 */
export const decodeYolov8: Decoder = (outputs, manifest, fit, minScore) => {
  const { labels } = manifest;
  const [only, ...others] = Object.values(outputs);
  if (!only || others.length > 0) throw unfit(`one output [1, ${4 + labels.length}, cells]`, outputs);
  const { data, dims } = only;
  if (dims.at(-1) === 6 && dims.at(-2) !== 4 + labels.length) return decodeCenternet(outputs, manifest, fit, minScore);
  const cells = dims.at(-1) ?? 0;
  if (dims.at(-2) !== 4 + labels.length) throw unfit(`one output [1, ${4 + labels.length}, cells]`, outputs);
  const detections: Detection[] = [];
  for (let cell = 0; cell < cells; cell += 1) {
    const classId = indexOfMaximum(data, 4 * cells + cell, labels.length, cells);
    const score = data[(4 + classId) * cells + cell]!;
    if (!(score >= minScore)) continue;
    const [x, y] = [data[cell]!, data[cells + cell]!];
    const [halfWidth, halfHeight] = [data[2 * cells + cell]! / 2, data[3 * cells + cell]! / 2];
    const box = boxInFrame(x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight, fit);
    if (box) detections.push({ label: labels[classId]!, score: Math.min(1, score), box });
  }
  return detections;
};
