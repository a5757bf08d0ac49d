import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { authorize } from '../api-keys.ts';
import { clientWait } from '../client-wait.ts';
import type { Engine } from '../engine.ts';
import { check, parseJson } from '../request-options.ts';

const modelBody = z.object({ model_id: z.string() });

interface ModelPath {
  readonly project: string;
  readonly version: string;
}

/** Which models are loaded, and loading and unloading them; each answers with the registry as it is then. */
export function modelRoutes(app: FastifyInstance, engine: Engine, apiKeys: readonly string[]): void {
  const { models } = engine;

  app.get('/model/registry', async () => registry(engine));

  app.post('/model/add', async (request, reply) => {
    const body = parseJson(request.body);
    authorize(apiKeys, request, body);
    using wait = clientWait(request, reply);
    using _held = await engine.lease(check(modelBody, body).model_id, wait);
    return registry(engine);
  });

  app.post('/model/remove', async (request) => {
    const body = parseJson(request.body);
    authorize(apiKeys, request, body);
    const { model_id: ref } = check(modelBody, body);
    if (!models.remove(ref)) await models.check(ref);
    return registry(engine);
  });

  app.post('/model/clear', async (request) => {
    authorize(
      apiKeys,
      request,
      Buffer.isBuffer(request.body) && request.body.length > 0 ? parseJson(request.body) : {},
    );
    for (const ref of [...models.ready.keys()]) models.remove(ref);
    return registry(engine);
  });

  // As older clients of the standard API load and unload.
  app.get<{ Params: ModelPath }>('/start/:project/:version', async (request, reply) => {
    authorize(apiKeys, request);
    using wait = clientWait(request, reply);
    const { project, version } = request.params;
    using _held = await engine.lease(`${project}/${version}`, wait);
    return { status: 200, message: 'inference session started from local memory.' };
  });

  app.get('/clear_cache', async (request) => {
    authorize(apiKeys, request);
    for (const ref of [...models.ready.keys()]) models.remove(ref);
    return 'Cache Cleared';
  });
}

function registry({ models }: Engine) {
  const entries = [...models.ready].map(([ref, { manifest, about, memory }]) => ({
    model_id: ref,
    task_type: manifest.task,
    batch_size: about.hasBatchAxis ? null : 1,
    input_height: manifest.input.height,
    input_width: manifest.input.width,
    vram_bytes: memory,
    request_aliases: [],
    request_paths: [`/${ref}`],
  }));
  return { models: entries, total_vram_bytes: entries.reduce((sum, { vram_bytes }) => sum + vram_bytes, 0) };
}
