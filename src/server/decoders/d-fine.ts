import type { Detection } from '../../inference/detection.ts';
import { boxInFrame, type Decoder, unfit } from './decoder.ts';

/**
 * D-FINE, and RT-DETR as exported the same way: `labels` [1, n], `boxes` [1, n, 4] as corners in pixels of the size that was fed to
 * `orig_target_sizes`, here that of the input, and `scores` [1, n].
 * Source: Peterande/D-FINE `tools/deployment/export_onnx.py`, `src/zoo/dfine/postprocessor.py`.
 */
export const decodeDFine: Decoder = (outputs, manifest, fit, minScore) => {
  const { labels: classes, boxes, scores } = outputs;
  if (!classes || !boxes || !scores || boxes.dims.at(-1) !== 4 || boxes.data.length !== scores.data.length * 4) {
    throw unfit('outputs labels [1, n], boxes [1, n, 4] and scores [1, n]', outputs);
  }
  const detections: Detection[] = [];
  for (let i = 0; i < scores.data.length; i += 1) {
    const score = scores.data[i]!;
    const label = manifest.labels[classes.data[i]!];
    if (!(score >= minScore) || label === undefined) continue;
    const at = i * 4;
    const { data } = boxes;
    const box = boxInFrame(data[at]!, data[at + 1]!, data[at + 2]!, data[at + 3]!, fit);
    if (box) detections.push({ label, score: Math.min(1, score), box });
  }
  return detections;
};
