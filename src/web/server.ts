/**
 * HTTP of the gateway: `/healthz` (the process answers), `/readyz` (the broker is connected and no camera is offline), `/metrics`, `/api/status`,
 * and what may be asked of cameras.
 */
import fastify from 'fastify';
import type { GatewayControl } from '../gateway-control.ts';
import type { GatewayStatus } from '../gateway-status.ts';
import { aborted } from '../lib/abort.ts';
import { FramegateError, systemErrorCode } from '../lib/errors.ts';
import { addCameraRoutes } from './camera-routes.ts';
import type { HttpConfig } from './config.ts';
import { createMetrics } from './metrics.ts';

/** Serves until `signal` aborts. Throws ERR_PORT_IN_USE when the port is taken. */
export async function serveHttp(
  { host, port }: HttpConfig,
  control: GatewayControl,
  onListening: (url: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const server = fastify({ forceCloseConnections: true, requestTimeout: 10_000 });
  const status = () => control.status();
  const metrics = createMetrics(status);
  server.get('/healthz', () => ({ status: 'healthy' }));
  server.get('/readyz', (_, reply) => {
    const problems = problemsOf(status());
    return reply
      .code(problems.length === 0 ? 200 : 503)
      .send({ status: problems.length === 0 ? 'ready' : 'not ready', problems });
  });
  server.get('/metrics', async (_, reply) => reply.type(metrics.contentType).send(await metrics.metrics()));
  server.get('/api/status', () => status());
  addCameraRoutes(server, control);
  try {
    onListening(await server.listen({ host, port }));
  } catch (cause) {
    if (systemErrorCode(cause) !== 'EADDRINUSE') throw cause;
    throw new FramegateError('ERR_PORT_IN_USE', `port ${port} of ${host} is taken`, {
      cause,
      hint: 'stop the other program, or set http.port',
    });
  }
  await aborted(signal);
  await server.close();
}

function problemsOf({ mqtt, cameras }: GatewayStatus): string[] {
  const offline = Object.entries(cameras).filter(([, { state }]) => state !== 'online' && state !== 'disabled');
  return [
    ...(mqtt.connected ? [] : ['mqtt: not connected']),
    ...offline.map(([id, { state, problem }]) => `camera ${id}: ${problem ?? state}`),
  ];
}
