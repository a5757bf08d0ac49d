/**
 * DeepStack and CodeProject.AI, whose module speaks the same. Boxes are corners in pixels of the picture that was sent; the answer does not
 * say how large that was. A failure is `success: false`, often with status 200.
 */
import { z } from 'zod';
import { parseJson, said } from '../failure.ts';
import { jpegSize, type PixelSize } from '../jpeg-size.ts';
import { multipart } from '../multipart.ts';
import { looksLikeFractions, type Reading, readObjects } from '../seen-objects.ts';
import { askAbout, type CreateAdapter } from './adapter.ts';

/** Models of one's own are below this name: `custom/packages`. All others stand for the built-in detection. */
const CUSTOM = /^custom\/(.+)$/;

const answer = z.object({
  success: z.boolean(),
  predictions: z.array(
    z.object({
      label: z.string(),
      confidence: z.number(),
      x_min: z.number(),
      y_min: z.number(),
      x_max: z.number(),
      y_max: z.number(),
    }),
  ),
});

export const deepstack: CreateAdapter = (http, { apiKey }) => ({
  healthPath: '/v1/status/ping',
  async ask(question, signal) {
    const { model, jpeg, confidence } = question;
    const size = jpegSize(jpeg);
    if (!size) return { reason: 'rejected', message: `the picture for ${http.display} is no JPEG` };
    const custom = CUSTOM.exec(model)?.[1];
    const fields = {
      min_confidence: String(confidence),
      ...(apiKey !== undefined && { api_key: apiKey }),
    };
    const { contentType, body } = multipart(fields, 'image', jpeg);
    const path = custom === undefined ? '/v1/vision/detection' : `/v1/vision/custom/${encodeURIComponent(custom)}`;
    const request = { method: 'POST', path, headers: { 'content-type': contentType }, body } as const;
    return askAbout(http, request, question, signal, ({ body: said }) =>
      readAnswer(said.toString(), size, confidence, http.clean),
    );
  },
});

function readAnswer(text: string, size: PixelSize, minScore: number, clean: (text: string) => string): Reading {
  const body = parseJson(text);
  if (body === undefined) return { problem: `something that is not JSON${said(text, clean)}` };
  if (typeof body === 'object' && body !== null && 'success' in body && body.success === false)
    return { problem: `an error with status 200${said(text, clean)}` };
  const read = answer.safeParse(body);
  if (!read.success) {
    const issue = read.error.issues[0];
    const where = issue ? ` (${issue.path.join('.')}: ${issue.message})` : '';
    return { problem: `an answer that is not of object detection${where}` };
  }
  const { predictions } = read.data;
  if (looksLikeFractions(predictions.map(({ x_min, y_min, x_max, y_max }) => [x_max - x_min, y_max - y_min])))
    return { problem: 'boxes in fractions, where this API has pixels' };
  const objects = predictions.map(({ label, confidence, x_min, y_min, x_max, y_max }) => ({
    label,
    score: confidence,
    left: x_min / size.width,
    top: y_min / size.height,
    right: x_max / size.width,
    bottom: y_max / size.height,
  }));
  return readObjects(objects, minScore);
}
