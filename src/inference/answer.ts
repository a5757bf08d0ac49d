/**
 * Reads the body of an answer with status 200. Servers of other kinds and ages say "failed" with that status too, so nothing counts as an
 * answer unless it has the shape of one: an error must not look like an empty scene.
 */
import { type Box, clip } from '../lib/box.ts';
import type { Detection } from './detection.ts';
import { parseJson, said } from './failure.ts';
import { type DetectionAnswer, detectionAnswer, type Prediction } from './protocol.ts';

/** Scores are sums and products of 32-bit floats: this much above 1 is rounding, more is a percentage. */
const MAX_SCORE = 1.001;

const NOT_DETECTION = 'an answer that is not of an object detection model';

export type Reading = { readonly detections: readonly Detection[] } | { readonly problem: string };

/** Detections with at least `minScore`, or what is wrong with the answer. Boxes of answers with masks or keypoints are taken as they are. */
export function readAnswer(text: string, minScore: number, clean: (text: string) => string): Reading {
  const body = parseJson(text);
  if (body === undefined) return { problem: `something that is not JSON${said(text, clean)}` };
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return { problem: `${NOT_DETECTION}${said(text, clean)}` };
  }
  if (('error' in body && body.error) || ('success' in body && body.success === false)) {
    return { problem: `an error with status 200${said(text, clean)}` };
  }
  // Looked for first: a classifier to which nothing applies answers with an empty list of predictions.
  if ('top' in body || 'predicted_classes' in body)
    return { problem: `${NOT_DETECTION}, but of a classification model` };
  const answer = detectionAnswer.safeParse(body);
  if (!answer.success) {
    if ('message' in body && !('predictions' in body)) return { problem: `no predictions${said(text, clean)}` };
    const issue = answer.error.issues[0];
    return { problem: issue ? `${NOT_DETECTION} (${issue.path.join('.')}: ${issue.message})` : NOT_DETECTION };
  }
  for (const prediction of answer.data.predictions) {
    const { confidence } = prediction;
    if (confidence < 0 || confidence > MAX_SCORE)
      return { problem: `a confidence of ${confidence}, not between 0 and 1` };
    if (prediction.class === '') return { problem: 'a prediction without a class' };
  }
  return { detections: detections(answer.data, minScore) };
}

function detections(answer: DetectionAnswer, minScore: number): Detection[] {
  return answer.predictions
    .filter(({ confidence }) => confidence >= minScore)
    .map((prediction) => ({
      label: prediction.class,
      score: Math.min(1, prediction.confidence),
      box: fractions(prediction, answer.image),
    }))
    .filter(({ box }) => box[2] > 0 && box[3] > 0);
}

/** Centre and size in pixels, to the part inside the frame in fractions of it. */
function fractions({ x, y, width, height }: Prediction, image: DetectionAnswer['image']): Box {
  return clip([
    (x - width / 2) / image.width,
    (y - height / 2) / image.height,
    width / image.width,
    height / image.height,
  ]);
}
