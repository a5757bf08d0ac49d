/**
 * The dataset API of the hosted service: `POST /dataset/{project}/upload`, then `POST /dataset/{project}/annotate/{image}` with what the model saw. As
 * its own inference server uses it (`register_image_at_roboflow`, `annotate_image_at_roboflow` in `inference/core/roboflow_api.py` of roboflow/inference).
 */
import { z } from 'zod';
import type { Detection } from '../inference/detection.ts';
import { parseJson, said } from '../inference/failure.ts';
import { type HttpRequest, type HttpTarget, openHttpTarget } from '../inference/http-target.ts';
import { jpegSize, type PixelSize } from '../inference/jpeg-size.ts';
import { multipart } from '../inference/multipart.ts';
import type { DetectionAnswer } from '../inference/protocol.ts';
import { LinkedAbort } from '../lib/abort.ts';
import type { ProbeResult } from '../lib/probe.ts';
import type { LearningConfig } from './config.ts';

/** A megabyte over a thin line. */
const REQUEST_MS = 60_000;

export interface DatasetPicture {
  /** Without an ending; the same picture always has the same one. */
  readonly name: string;
  readonly jpeg: Buffer;
  readonly detections: readonly Detection[];
  readonly tags: readonly string[];
}

/**
 * - `refused`: key, account or project, which only a person can mend;
 * - `rejected`: this picture;
 * - `failed`: network or server, may pass.
 */
export interface DatasetFailure {
  readonly kind: 'refused' | 'rejected' | 'failed';
  /** One line without secrets. */
  readonly message: string;
  readonly retryAfterMs?: number | undefined;
}

/** An answer that is no failure by its status: as JSON, and as words for a message. */
interface Taken {
  readonly json: unknown;
  readonly said: string;
}

const uploaded = z.object({
  id: z.string().optional(),
  success: z.boolean().optional(),
  duplicate: z.boolean().optional(),
});

/** Disposing it waits for the request under way; its signal bounds that. */
export class Dataset implements AsyncDisposable {
  readonly #config: LearningConfig;
  readonly #http: HttpTarget;

  constructor(config: LearningConfig) {
    this.#config = config;
    this.#http = openHttpTarget(config);
  }

  /** Uploads the picture; gives its id, undefined when the service has it already. */
  async upload(
    picture: DatasetPicture,
    signal: AbortSignal,
  ): Promise<{ readonly id?: string | undefined } | DatasetFailure> {
    const { apiKey, project, batch } = this.#config;
    const { contentType, body } = multipart({ name: `${picture.name}.jpg` }, 'file', picture.jpeg);
    const path = `/dataset/${encodeURIComponent(project)}/upload`;
    const query = { api_key: apiKey, batch, tag: picture.tags };
    const answer = await this.#send(
      { method: 'POST', path, query, headers: { 'content-type': contentType }, body },
      signal,
    );
    if ('kind' in answer) return answer;
    const { success, duplicate, id } = uploaded.safeParse(answer.json).data ?? {};
    if (duplicate) return {};
    if (success !== false && id !== undefined) return { id };
    return { kind: 'rejected', message: `${this.#http.display}${path} did not take the picture${answer.said}` };
  }

  /** Proposes what the model saw as labels of an uploaded picture. */
  async annotate(
    id: string,
    { name, jpeg, detections }: DatasetPicture,
    signal: AbortSignal,
  ): Promise<DatasetFailure | undefined> {
    const { apiKey, project } = this.#config;
    const size = jpegSize(jpeg);
    if (!size) return { kind: 'rejected', message: 'the picture has no size' };
    const answer = await this.#send(
      {
        method: 'POST',
        path: `/dataset/${encodeURIComponent(project)}/annotate/${encodeURIComponent(id)}`,
        query: { api_key: apiKey, name: `${name}.json`, prediction: 'true' },
        headers: { 'content-type': 'text/plain' },
        body: JSON.stringify(predictionsOf(detections, size)),
      },
      signal,
    );
    return 'kind' in answer ? answer : undefined;
  }

  /** Asks whether the service knows the key. Never rejects. */
  async probe(signal: AbortSignal): Promise<ProbeResult> {
    const answer = await this.#send({ method: 'GET', path: '/', query: { api_key: this.#config.apiKey } }, signal);
    if ('kind' in answer) return { ok: false, message: answer.message };
    return { ok: true, message: `${this.#http.display} knows the key` };
  }

  async #send(request: HttpRequest, signal: AbortSignal): Promise<Taken | DatasetFailure> {
    const { display, clean } = this.#http;
    const who = `${display}${request.path}`;
    using link = new LinkedAbort(signal, REQUEST_MS);
    try {
      const { status, body, retryAfterMs } = await this.#http.request(request, link.signal);
      const words = said(body.toString(), clean);
      // Labelled already, which is what was wanted.
      if ((status >= 200 && status < 300) || status === 409) return { json: parseJson(body.toString()), said: words };
      const message = `${who} answered ${status}${words}`;
      if ([401, 402, 403, 404, 423].includes(status)) return { kind: 'refused', message } as const;
      if (status < 500 && status !== 408 && status !== 429) return { kind: 'rejected', message } as const;
      return { kind: 'failed', message, retryAfterMs } as const;
    } catch (error) {
      const why = link.timedOut ? 'no answer in time' : clean(error instanceof Error ? error.message : String(error));
      return { kind: 'failed', message: `${who}: ${why}` } as const;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#http[Symbol.asyncDispose]();
  }
}

/** As the standard inference API answers: centres and sizes in pixels. */
function predictionsOf(detections: readonly Detection[], image: PixelSize): DetectionAnswer {
  return {
    image,
    predictions: detections.map(({ label, score, box: [x, y, width, height] }) => ({
      x: (x + width / 2) * image.width,
      y: (y + height / 2) * image.height,
      width: width * image.width,
      height: height * image.height,
      confidence: score,
      class: label,
    })),
  };
}
