import type { Detection } from '../../inference/detection.ts';
import { boxInFrame, type Decoder, indexOfMaximum, soleTable } from './decoder.ts';

const STRIDES = [8, 16, 32];

/**
 * YOLOX exported without its own decoding: one row per grid cell, strides 8, 16, 32, each row `x, y, log w, log h, objectness, class...`.
 * Centre = (x, y + cell) * stride, size = exp(log) * stride, score = objectness * class (both already sigmoid).
 * Source: Megvii-BaseDetection/YOLOX `yolox/utils/demo_utils.py`.
 */
export const decodeYolox: Decoder = (outputs, { input, labels }, fit, minScore) => {
  const columns = 5 + labels.length;
  const grids = STRIDES.map((stride) => ({
    stride,
    across: Math.floor(input.width / stride),
    down: Math.floor(input.height / stride),
  }));
  const cells = grids.reduce((sum, { across, down }) => sum + across * down, 0);
  const { data } = soleTable(outputs, columns, cells);
  const detections: Detection[] = [];
  let at = 0;
  for (const { stride, across, down } of grids) {
    for (let y = 0; y < down; y += 1) {
      for (let x = 0; x < across; x += 1, at += columns) {
        const objectness = data[at + 4]!;
        // No class can lift the score above the objectness; most cells end here.
        if (!(objectness >= minScore)) continue;
        const classId = indexOfMaximum(data, at + 5, labels.length);
        const score = objectness * data[at + 5 + classId]!;
        if (!(score >= minScore)) continue;
        const centreX = (data[at]! + x) * stride;
        const centreY = (data[at + 1]! + y) * stride;
        const halfWidth = (Math.exp(data[at + 2]!) * stride) / 2;
        const halfHeight = (Math.exp(data[at + 3]!) * stride) / 2;
        const box = boxInFrame(
          centreX - halfWidth,
          centreY - halfHeight,
          centreX + halfWidth,
          centreY + halfHeight,
          fit,
        );
        if (box) detections.push({ label: labels[classId]!, score: Math.min(1, score), box });
      }
    }
  }
  return detections;
};
