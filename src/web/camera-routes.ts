/**
 * What may be asked of cameras over HTTP. There is no login yet, so a web page that somebody looks at must not be able to ask: requests that a
 * browser sends for another page are refused.
 */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { GatewayControl } from '../gateway-control.ts';
import { describeError, isFramegateError } from '../lib/errors.ts';
import { duration } from '../lib/units.ts';

const triggerBody = z.strictObject({ duration: duration({ min: '1s', max: '1h' }).optional() }).nullish();
const switchBody = z
  .record(z.string(), z.union([z.string().max(40), z.boolean()]))
  .refine((values) => Object.keys(values).length > 0, 'expected at least one switch');

export function addCameraRoutes(server: FastifyInstance, control: GatewayControl): void {
  server.addHook('onRequest', async (request, reply) => {
    if (request.method === 'GET' || request.method === 'HEAD' || isOwnPage(request.headers.origin)) return;
    await reply.code(403).send({ error: 'requests from other web pages are refused' });
  });
  server.setErrorHandler((error, _, reply) => answerError(error, reply));

  server.get<Camera>('/api/cameras/:id', ({ params: { id } }, reply) => {
    const camera = Object.hasOwn(control.status().cameras, id) ? control.status().cameras[id] : undefined;
    return camera ?? reply.code(404).send({ error: `there is no camera ${id}` });
  });

  server.post<Camera>('/api/cameras/:id/trigger', ({ params: { id }, body }, reply) => {
    const parsed = triggerBody.parse(body);
    return reply.code(202).send(control.trigger(id, 'api', parsed?.duration));
  });

  server.delete<Camera>('/api/cameras/:id/trigger', ({ params: { id } }, reply) => {
    control.endTrigger(id, 'api');
    return reply.code(204).send();
  });

  server.patch<Camera>('/api/cameras/:id/switches', async ({ params: { id }, body }) => {
    let switches: unknown;
    for (const [key, value] of Object.entries(switchBody.parse(body)))
      switches = await control.setSwitch(id, key, String(value));
    return switches;
  });
}

interface Camera {
  readonly Params: { readonly id: string };
}

/** Programs send no `Origin`. */
function isOwnPage(origin: string | undefined): boolean {
  if (origin === undefined) return true;
  const host = URL.canParse(origin) ? new URL(origin).hostname : '';
  return ['localhost', '127.0.0.1', '[::1]'].includes(host);
}

function answerError(error: unknown, reply: FastifyReply): FastifyReply {
  if (isFramegateError(error, 'ERR_GATEWAY_REFUSED')) return reply.code(409).send({ error: describeError(error) });
  if (error instanceof z.ZodError) {
    const [issue] = error.issues;
    const where = issue?.path.join('.');
    return reply.code(400).send({ error: `${where ? `${where}: ` : ''}${issue?.message ?? 'bad request'}` });
  }
  const { statusCode = 500, message = 'failed' } = error as { statusCode?: number; message?: string };
  return reply.code(statusCode).send({ error: statusCode < 500 ? message : 'the gateway failed' });
}
