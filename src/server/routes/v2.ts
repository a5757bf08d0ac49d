/**
 * The Open Inference Protocol v2 over HTTP. A model `project/version` is model `project`, version `version`; without a version the latest
 * one answers. Loading and unloading are those of Triton's model repository extension.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { describeError } from '../../lib/errors.ts';
import { packageVersion } from '../../lib/version.ts';
import { authorize } from '../api-keys.ts';
import { clientWait, headerDeadline } from '../client-wait.ts';
import type { Engine } from '../engine.ts';
import type { Lease } from '../entry.ts';
import { encodeAnswer } from '../oip/answer.ts';
import { infer, portsOf } from '../oip/infer.ts';
import { JSON_LENGTH_HEADER, parseInfer } from '../oip/request.ts';
import type { RequestWait } from '../request-wait.ts';

interface ModelPath {
  readonly model: string;
  readonly version?: string;
}

type ModelRequest = FastifyRequest<{ Params: ModelPath }>;

const EXTENSIONS = ['binary_tensor_data', 'model_repository', 'schedule_policy'];

export function v2Routes(app: FastifyInstance, engine: Engine, apiKeys: readonly string[]): void {
  const { models } = engine;

  /** The request's model and version; the latest where none is named. */
  const refOf = async ({ model, version }: ModelPath) =>
    `${model}/${version ?? (await models.versions(model)).at(-1) ?? '1'}`;

  const leaseOf = async (request: ModelRequest, wait: RequestWait) => engine.lease(await refOf(request.params), wait);

  const metadata = async (request: ModelRequest, reply: FastifyReply) => {
    authorize(apiKeys, request);
    using wait = clientWait(request, reply);
    using lease = await leaseOf(request, wait);
    const { model } = request.params;
    const platform = lease.entry.runner ? 'framegate_runner' : 'onnxruntime_onnx';
    return { name: model, versions: await models.versions(model), platform, ...portsOf(lease) };
  };

  const ready = async (request: ModelRequest, reply: FastifyReply) => {
    const ref = await refOf(request.params);
    await models.check(ref);
    const isReady = models.ready.has(ref);
    return reply.code(isReady ? 200 : 503).send({ name: request.params.model, ready: isReady });
  };

  const ask = async (request: ModelRequest, reply: FastifyReply) => {
    authorize(apiKeys, request);
    const ref = await refOf(request.params);
    using lease = await leaseForBody(engine, ref, request, reply);
    const parsed = parseInfer(request.body, request.headers, lease.entry.about.inputs);
    using wait = clientWait(request, reply, parsed.deadlineMs ?? headerDeadline(request));
    const outputs = await infer(engine, lease, parsed, wait);
    const [model = '', version = ''] = ref.split('/');
    const { body, jsonLength } = encodeAnswer({ model, version, id: parsed.id, outputs });
    if (jsonLength === undefined) return reply.type('application/json').send(body);
    return reply.type('application/octet-stream').header(JSON_LENGTH_HEADER, jsonLength).send(body);
  };

  app.get('/v2', async () => ({ name: 'framegate', version: packageVersion(), extensions: EXTENSIONS }));
  app.get('/v2/health/live', async () => ({ live: true }));
  app.get('/v2/health/ready', async (_request, reply) => {
    const isReady = engine.isUp && models.ready.size > 0;
    return reply.code(isReady ? 200 : 503).send({ ready: isReady });
  });
  for (const path of ['/v2/models/:model', '/v2/models/:model/versions/:version']) {
    app.get(path, metadata);
    app.get(`${path}/ready`, ready);
    app.post(`${path}/infer`, ask);
  }

  app.post('/v2/repository/index', async () => {
    const failed = [...models.failed].map(([ref, error]) => ({
      ref,
      state: 'UNAVAILABLE',
      reason: describeError(error),
    }));
    const loaded = [...models.ready.keys()].map((ref) => ({ ref, state: 'READY', reason: '' }));
    return [...loaded, ...failed].map(({ ref, ...state }) => {
      const [name, version] = ref.split('/');
      return { name, version, ...state };
    });
  });
  app.post<{ Params: ModelPath }>('/v2/repository/models/:model/load', async (request, reply) => {
    authorize(apiKeys, request);
    using wait = clientWait(request, reply);
    using _held = await leaseOf(request, wait);
    return {};
  });
  app.post<{ Params: ModelPath }>('/v2/repository/models/:model/unload', async (request) => {
    authorize(apiKeys, request);
    for (const version of await models.versions(request.params.model))
      models.remove(`${request.params.model}/${version}`);
    return {};
  });
}

/** The body can only be read when the inputs of the model are known. */
async function leaseForBody(engine: Engine, ref: string, request: FastifyRequest, reply: FastifyReply): Promise<Lease> {
  using wait = clientWait(request, reply);
  return await engine.lease(ref, wait);
}
