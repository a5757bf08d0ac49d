import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { DetectionAnswer } from '../../inference/protocol.ts';
import { toAnswer } from '../answer.ts';
import { authorize } from '../api-keys.ts';
import { clientWait } from '../client-wait.ts';
import type { Engine } from '../engine.ts';
import type { Lease } from '../entry.ts';
import { decodeBase64, pictureOf } from '../picture-body.ts';
import { fetchPicture, type PictureFetching } from '../picture-url.ts';
import { notOffered, type PictureSource, parseInferBody, parseJson, parseQuery } from '../request-options.ts';

interface ModelPath {
  readonly project: string;
  readonly version: string;
}

export interface DetectRoutes {
  readonly engine: Engine;
  readonly apiKeys: readonly string[];
  readonly fetching: PictureFetching;
}

type Visualized = DetectionAnswer & { readonly visualization?: string };

/** The two routes that look at pictures: the path route and the v1 JSON route. */
export function detectRoutes(app: FastifyInstance, { engine, apiKeys, fetching }: DetectRoutes): void {
  const byPath = async (request: FastifyRequest<{ Params: ModelPath }>, reply: FastifyReply) => {
    authorize(apiKeys, request);
    const { options, url, format, drawing } = parseQuery(request.query);
    using wait = clientWait(request, reply);
    const image = url === undefined ? await pictureOf(request) : await fetchPicture(url, fetching, wait.signal);
    const { project, version } = request.params;
    using lease = await engine.lease(`${project}/${version}`, wait);
    const result = await engine.detect(lease, { image, options }, wait);
    describe(reply, lease, result.picture.seconds);
    if (format === 'json') return toAnswer(result);
    const drawn = Buffer.from(await engine.draw(image, result.picture, drawing, wait));
    if (format === 'image') return reply.type('image/jpeg').send(drawn);
    return { ...toAnswer(result), visualization: drawn.toString('base64') };
  };
  app.post('/:project/:version', byPath);
  app.get<{ Params: ModelPath }>('/:project/:version', (request, reply) => {
    if (parseQuery(request.query).url !== undefined) return byPath(request, reply);
    throw notOffered('GET without image=URL', 'POST the picture');
  });

  app.post('/infer/object_detection', async (request, reply) => {
    const body = parseJson(request.body);
    authorize(apiKeys, request, body);
    const { id, ref, pictures, isList, options, drawing } = parseInferBody(body);
    using wait = clientWait(request, reply);
    const bytesOf = async (source: PictureSource) =>
      'url' in source ? fetchPicture(source.url, fetching, wait.signal) : decodeBase64(source.base64);
    const answers: Visualized[] = [];
    let seconds = 0;
    using lease = await engine.lease(ref, wait);
    // One after another: a list must not take the places of everybody else in the queue.
    for (const source of pictures) {
      const image = await bytesOf(source);
      const result = await engine.detect(lease, { image, options }, wait);
      seconds += result.picture.seconds;
      const answer = toAnswer(result, id);
      if (!drawing) answers.push(answer);
      else {
        const drawn = Buffer.from(await engine.draw(image, result.picture, drawing, wait));
        answers.push({ ...answer, visualization: drawn.toString('base64') });
      }
    }
    describe(reply, lease, seconds);
    return isList ? answers : answers[0];
  });
}

/** The response headers that clients of the standard API read. */
function describe(reply: FastifyReply, { entry, isColdStart }: Lease, seconds: number): void {
  reply.header('x-processing-time', seconds.toFixed(4));
  reply.header('x-model-id', entry.ref);
  reply.header('x-model-cold-start', String(isColdStart));
  if (isColdStart) reply.header('x-model-load-time', (entry.loadMs / 1000).toFixed(3));
}
