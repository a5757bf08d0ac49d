import type { Detection } from '../../inference/detection.ts';
import { boxInFrame, type Decoder, soleTable } from './decoder.ts';

const COLUMNS = 6;

/**
 * CenterNet with its peaks already picked in the graph: rows `x1, y1, x2, y2, score, class`, corners in input pixels.
 * Source: vladmandic/human `src/object/centernet.ts`.
 */
export const decodeCenternet: Decoder = (outputs, { labels }, fit, minScore) => {
  const { data, rows } = soleTable(outputs, COLUMNS);
  const detections: Detection[] = [];
  for (let at = 0; at < rows * COLUMNS; at += COLUMNS) {
    const score = data[at + 4]!;
    const label = labels[Math.round(data[at + 5]!)];
    if (!(score >= minScore) || label === undefined) continue;
    const box = boxInFrame(data[at]!, data[at + 1]!, data[at + 2]!, data[at + 3]!, fit);
    if (box) detections.push({ label, score: Math.min(1, score), box });
  }
  return detections;
};
