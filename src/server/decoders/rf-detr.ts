import type { Detection } from '../../inference/detection.ts';
import { boxInFrame, type Decoder, unfit } from './decoder.ts';

/** How many pairs of query and class are answered, best first. */
const TOP = 300;

/**
 * RF-DETR: boxes [1, queries, 4] as centre and size in fractions of the input, and logits [1, queries, classes]. Score = sigmoid; the best
 * pairs of query and class are taken, so one query may give two labels. A class beyond the labels, or labelled `N/A`, is left out.
 * Source: roboflow/rf-detr `rfdetr/models/lwdetr.py` (PostProcess), `rfdetr/deploy/export.py`.
 */
export const decodeRfDetr: Decoder = (outputs, { input, labels }, fit, minScore) => {
  const tensors = Object.entries(outputs);
  const boxes = (tensors.find(([name]) => /det|box/i.test(name)) ?? [])[1];
  const logits = tensors.find(([, tensor]) => tensor !== boxes)?.[1];
  const queries = boxes?.dims.at(-2);
  const classes = logits?.dims.at(-1) ?? 0;
  if (!boxes || !logits || boxes.dims.at(-1) !== 4 || logits.dims.at(-2) !== queries) {
    throw unfit('outputs dets [1, queries, 4] and labels [1, queries, classes]', outputs);
  }
  // The least logit whose sigmoid reaches the score: most pairs end here, without an exponential.
  const least = -Math.log(1 / minScore - 1);
  const found: Array<{ readonly score: number; readonly label: string; readonly query: number }> = [];
  for (let at = 0; at < logits.data.length; at += 1) {
    const logit = logits.data[at]!;
    const label = labels[at % classes];
    if (!(logit >= least) || label === undefined || label === 'N/A') continue;
    found.push({ score: 1 / (1 + Math.exp(-logit)), label, query: Math.floor(at / classes) });
  }
  const detections: Detection[] = [];
  for (const { score, label, query } of found.sort((a, b) => b.score - a.score).slice(0, TOP)) {
    const [x, y, width, height] = boxes.data.subarray(query * 4, query * 4 + 4) as unknown as [
      number,
      number,
      number,
      number,
    ];
    const [left, top] = [(x - width / 2) * input.width, (y - height / 2) * input.height];
    const box = boxInFrame(left, top, left + width * input.width, top + height * input.height, fit);
    if (box) detections.push({ label, score, box });
  }
  return detections;
};
