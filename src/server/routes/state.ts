import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { describeError } from '../../lib/errors.ts';
import { packageVersion } from '../../lib/version.ts';
import type { Engine } from '../engine.ts';
import type { ServeMetrics } from '../metrics.ts';

/** Health, identity and figures. */
export function stateRoutes(app: FastifyInstance, engine: Engine, metrics: ServeMetrics): void {
  const { models } = engine;
  const info = { name: 'framegate', version: packageVersion(), uuid: randomUUID() };

  app.get('/info', async () => info);

  app.get('/healthz', async () => ({ status: 'healthy' }));

  /** Ready when at least one model can answer; `failed` names those that should and cannot. */
  app.get('/readiness', async (_request, reply) => {
    const failed = Object.fromEntries([...models.failed].map(([ref, error]) => [ref, describeError(error)]));
    const detail = models.failed.size > 0 ? { failed } : {};
    if (engine.isUp && models.ready.size > 0) return { status: 'ready', ...detail };
    return reply.code(503).send({ status: 'not ready', reason: reasonNotReady(engine), ...detail });
  });

  app.get('/metrics', async (_request, reply) => {
    metrics.queueLength.set(engine.queueLength);
    metrics.workersUp.set(engine.workersUp);
    metrics.modelsReady.set(models.ready.size);
    metrics.modelsFailed.set(models.failed.size);
    metrics.workerMemory.set(engine.workerMemory);
    return reply
      .type(metrics.registry.contentType)
      .send(`${await metrics.registry.metrics()}\n${metrics.standard.text()}`);
  });
}

function reasonNotReady({ isUp, models }: Engine): string {
  if (!isUp) return 'the models are still loading';
  return models.failed.size > 0 ? 'no model can be loaded' : 'the model store is empty';
}
