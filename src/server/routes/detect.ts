import type { FastifyInstance, FastifyReply } from 'fastify';
import { FramegateError } from '../../lib/errors.ts';
import { toAnswer } from '../answer.ts';
import { authorize } from '../api-keys.ts';
import type { Engine } from '../engine.ts';
import { decodeBase64, pictureOf } from '../picture-body.ts';
import { parseInferBody, parseQuery } from '../request-options.ts';

interface ModelPath {
  readonly project: string;
  readonly version: string;
}

/** The two routes that look at pictures: the path route and the v1 JSON route. */
export function detectRoutes(app: FastifyInstance, engine: Engine, apiKeys: readonly string[]): void {
  app.post<{ Params: ModelPath }>('/:project/:version', async (request, reply) => {
    authorize(apiKeys, request);
    const options = parseQuery(request.query);
    const image = await pictureOf(request);
    const { project, version } = request.params;
    return toAnswer(await engine.detect({ ref: `${project}/${version}`, image, options }, clientOf(reply)));
  });

  app.post('/infer/object_detection', async (request, reply) => {
    const body = parseJson(request.body);
    authorize(apiKeys, request, body);
    const { id, ref, pictures, isList, options } = parseInferBody(body);
    const client = clientOf(reply);
    const answers = [];
    // One after another: a list must not take the places of everybody else in the queue.
    for (const picture of pictures) {
      answers.push(toAnswer(await engine.detect({ ref, image: decodeBase64(picture), options }, client), id));
    }
    return isList ? answers : answers[0];
  });
}

/** Aborts when the client went away before it had its answer. */
function clientOf(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}

function parseJson(body: unknown): unknown {
  try {
    return JSON.parse(Buffer.isBuffer(body) ? body.toString('utf8') : '');
  } catch (error) {
    throw new FramegateError('ERR_INFERENCE_REJECTED', 'the body is not JSON', { cause: error, retryable: false });
  }
}
