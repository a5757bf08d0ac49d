import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { describeError } from '../../lib/errors.ts';
import { packageVersion } from '../../lib/version.ts';
import type { Engine } from '../engine.ts';
import type { ServeMetrics } from '../metrics.ts';
import type { ServedModels } from '../served-models.ts';

/** Health, identity, models and figures. */
export function stateRoutes(app: FastifyInstance, engine: Engine, models: ServedModels, metrics: ServeMetrics): void {
  const info = { name: 'framegate', version: packageVersion(), uuid: randomUUID() };

  app.get('/info', async () => info);

  app.get('/healthz', async () => ({ status: 'healthy' }));

  /** Ready when at least one model can answer; `failed` names those that should and cannot. */
  app.get('/readiness', async (_request, reply) => {
    const failed = Object.fromEntries([...models.failed].map(([ref, error]) => [ref, describeError(error)]));
    const detail = models.failed.size > 0 ? { failed } : {};
    if (engine.isUp && models.ready.size > 0) return { status: 'ready', ...detail };
    return reply.code(503).send({ status: 'not ready', reason: reasonNotReady(engine, models), ...detail });
  });

  app.get('/model/registry', async () => ({
    models: [...models.ready].map(([ref, { manifest }]) => ({
      model_id: ref,
      task_type: manifest.task,
      batch_size: 1,
      input_height: manifest.input.height,
      input_width: manifest.input.width,
      vram_bytes: 0,
      request_aliases: [],
      request_paths: [`/${ref}`],
    })),
    total_vram_bytes: 0,
  }));

  app.get('/metrics', async (_request, reply) => {
    metrics.queueLength.set(engine.queueLength);
    metrics.modelsReady.set(models.ready.size);
    metrics.modelsFailed.set(models.failed.size);
    metrics.workerMemory.set(engine.workerMemory);
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
}

function reasonNotReady(engine: Engine, models: ServedModels): string {
  if (!engine.isUp) return 'the models are still loading';
  return models.failed.size > 0 ? 'no model can be loaded' : 'the model store is empty';
}
