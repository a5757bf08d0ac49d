import type { Detection } from '../../inference/detection.ts';
import { boxInFrame, type Decoder } from './decoder.ts';
import { decodeLevels, levelsFromPairs } from './grid.ts';

const STRIDES = [8, 16, 32, 64];
const COLUMNS = 6;

/**
 * PicoDet, in both ways it is exported. With its postprocessing: rows `class, score, x1, y1, x2, y2` in input pixels, as its input
 * `scale_factor` is fed with ones, beside a count that is not needed. Without: two outputs per stride, measured from the middle of a cell.
 * Source: PaddlePaddle/PaddleDetection `ppdet/modeling/heads/pico_head.py`, `deploy/third_engine/demo_onnxruntime`.
 */
export const decodePicodet: Decoder = (outputs, manifest, fit, minScore) => {
  const table = Object.values(outputs).find(({ dims }) => dims.at(-1) === COLUMNS);
  if (!table) return decodeLevels(levelsFromPairs(outputs, manifest, STRIDES), manifest, 0.5, fit, minScore);
  const { data } = table;
  const detections: Detection[] = [];
  for (let at = 0; at + COLUMNS <= data.length; at += COLUMNS) {
    const label = manifest.labels[data[at]!];
    const score = data[at + 1]!;
    if (!(score >= minScore) || label === undefined) continue;
    const box = boxInFrame(data[at + 2]!, data[at + 3]!, data[at + 4]!, data[at + 5]!, fit);
    if (box) detections.push({ label, score: Math.min(1, score), box });
  }
  return detections;
};
