import multipart from '@fastify/multipart';
import fastify, { type FastifyInstance } from 'fastify';
import type { Logger } from '../telemetry/logger.ts';
import type { Engine } from './engine.ts';
import { errorBody, sendError } from './error-answer.ts';
import type { ServeMetrics } from './metrics.ts';
import { detectRoutes } from './routes/detect.ts';
import { modelRoutes } from './routes/models.ts';
import { stateRoutes } from './routes/state.ts';
import { v2Routes } from './routes/v2.ts';

/** A client that needs longer than this to send a picture holds a connection for nothing. */
const REQUEST_TIMEOUT_MS = 30_000;

export interface AppOptions {
  readonly engine: Engine;
  readonly metrics: ServeMetrics;
  readonly logger: Logger;
  /** Largest request body, in bytes. */
  readonly maxImage: number;
  readonly apiKeys: readonly string[];
  /** Where pictures may be fetched from; `*` for every public address. */
  readonly imageHosts: readonly string[];
}

/** The HTTP side: routes, body limits, error answers. Not listening yet. */
export function createApp({ engine, metrics, logger, maxImage, apiKeys, imageHosts }: AppOptions): FastifyInstance {
  const app = fastify({ bodyLimit: maxImage, requestTimeout: REQUEST_TIMEOUT_MS });
  app.register(multipart, { limits: { fileSize: maxImage, files: 4, fields: 16, fieldSize: 64 * 1024 } });
  // Published clients send base64 under all sorts of content types: the routes decide what a body is.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.setErrorHandler((error, request, reply) => sendError(request, reply, error, logger));
  app.setNotFoundHandler((request, reply) => {
    const [path] = request.url.split('?');
    return reply.code(404).send(errorBody(request, `no such route: ${request.method} ${path}`));
  });
  app.addHook('onResponse', async (request, reply) => {
    metrics.requests.inc({ route: request.routeOptions.url ?? 'none', code: reply.statusCode });
  });
  detectRoutes(app, { engine, apiKeys, fetching: { hosts: imageHosts, maxBytes: maxImage } });
  modelRoutes(app, engine, apiKeys);
  stateRoutes(app, engine, metrics);
  v2Routes(app, engine, apiKeys);
  return app;
}
