/**
 * The standard inference API: hosted, self-hosted of any age, and our own microservice. Old servers leave out most of an answer and say
 * "failed" with status 200, so nothing counts as an answer unless it has the shape of one.
 */
import { parseJson, said } from '../failure.ts';
import type { HttpRequest } from '../http-target.ts';
import { multipart } from '../multipart.ts';
import { BASE64_CONTENT_TYPE, type DetectionAnswer, detectionAnswer, IMAGE_PART } from '../protocol.ts';
import { looksLikeFractions, type Reading, readObjects } from '../seen-objects.ts';
import { askAbout, type CreateAdapter } from './adapter.ts';

const NOT_DETECTION = 'an answer that is not of an object detection model';

export const roboflow: CreateAdapter = (http, { apiKey, encoding }) => ({
  healthPath: '/readiness',
  ask(question, signal) {
    const { model, jpeg, confidence, overlap } = question;
    const request: HttpRequest = {
      method: 'POST',
      path: `/${model.split('/').map(encodeURIComponent).join('/')}`,
      query: {
        ...(apiKey !== undefined && { api_key: apiKey }),
        confidence: threshold(confidence),
        overlap: threshold(overlap),
        source: 'framegate',
      },
    };
    const { contentType, body } =
      encoding === 'multipart'
        ? multipart({}, IMAGE_PART, jpeg)
        : { contentType: BASE64_CONTENT_TYPE, body: jpeg.toString('base64') };
    return askAbout(http, { ...request, headers: { 'content-type': contentType }, body }, question, signal, (answer) =>
      readAnswer(answer.body.toString(), confidence, http.clean),
    );
  },
});

/** Servers take 1 and more as a percentage, so 1 itself has to be written as one. */
const threshold = (fraction: number) => String(fraction >= 1 ? 100 : fraction);

/** Boxes of answers with masks or keypoints are taken as they are. */
function readAnswer(text: string, minScore: number, clean: (text: string) => string): Reading {
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
  return fromCentres(answer.data, minScore);
}

function fromCentres({ predictions, image }: DetectionAnswer, minScore: number): Reading {
  if (looksLikeFractions(predictions.map(({ width, height }) => [width, height])))
    return { problem: 'boxes in fractions, where this API has pixels' };
  const objects = predictions.map(({ class: label, confidence, x, y, width, height }) => ({
    label,
    score: confidence,
    left: (x - width / 2) / image.width,
    top: (y - height / 2) / image.height,
    right: (x + width / 2) / image.width,
    bottom: (y + height / 2) / image.height,
  }));
  return readObjects(objects, minScore);
}
