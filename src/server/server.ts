/**
 * The inference microservice: HTTP in front, worker processes with the models behind.
 */
import type { AddressInfo } from 'node:net';
import { availableParallelism, totalmem } from 'node:os';
import { extname } from 'node:path';
import { aborted, LinkedAbort, sleep } from '../lib/abort.ts';
import { FramegateError, systemErrorCode } from '../lib/errors.ts';
import type { ModelStore } from '../models/store.ts';
import type { Logger } from '../telemetry/logger.ts';
import { createApp } from './app.ts';
import type { ServeConfig } from './config.ts';
import { Engine } from './engine.ts';
import { createMetrics } from './metrics.ts';

/** How long requests under way may take to end after the stop. */
const STOP_MS = 5_000;
const WORKER_DEADLINE_MS = 30_000;
const MEMORY_PER_WORKER = 512 * 1024 ** 2;
/** Beside this file, compiled or not as this one is. */
const WORKER_FILE = new URL(`./worker${extname(import.meta.url)}`, import.meta.url);

export interface ServerOptions {
  readonly config: ServeConfig;
  readonly store: ModelStore;
  readonly logger: Logger;
  /** The entry of the worker process; Node must be able to run it as it is. */
  readonly workerFile?: URL;
  /** A worker that does not answer for this long hangs and is replaced, in ms. */
  readonly workerDeadlineMs?: number;
}

export interface InferenceServer extends AsyncDisposable {
  /** Base URL for clients on this machine. */
  readonly url: string;
  /** Answers until `signal` aborts, then lets requests under way end within a deadline. Until it is called nothing is loaded. */
  run(signal: AbortSignal): Promise<void>;
}

/** Binds the port. Throws ERR_PORT_IN_USE, or ERR_CONFIG_INVALID when the address cannot be used. */
export async function openServer(options: ServerOptions): Promise<InferenceServer> {
  const { config, store, logger } = options;
  const metrics = createMetrics();
  const { models: wanted, maxQueue, maxBatch, maxImage, apiKeys, imageHosts, providers, threads, runners } = config;
  const engine: Engine = new Engine({
    store,
    wanted,
    maxQueue,
    maxBatch,
    workers: config.workers ?? usualWorkers(config),
    memory: config.memory ?? memoryHere() / 2,
    settings: { providers, threads },
    runners,
    metrics,
    logger,
    workerFile: options.workerFile ?? WORKER_FILE,
    workerDeadlineMs: options.workerDeadlineMs ?? WORKER_DEADLINE_MS,
    onUp: () => logUp(),
  });
  const app = createApp({ engine, metrics, logger, maxImage, apiKeys, imageHosts });
  let isStopping = false;
  app.addHook('onSend', async (_request, reply) => {
    // A connection that stays open for more requests would hold up the stop.
    if (isStopping) reply.header('connection', 'close');
  });
  await app.listen({ host: config.host, port: config.port }).catch((error: unknown) => {
    throw listenError(error, config);
  });
  const url = urlOf(app.server.address(), config);
  const logUp = () => {
    const loaded = [...engine.models.ready].map(([ref, { loadMs }]) => `${ref} in ${loadMs} ms`);
    const memory = `${toMiB(process.memoryUsage.rss())} MiB + worker ${toMiB(engine.workerMemory)} MiB`;
    logger.info({ url, models: loaded, memory, worker_pid: engine.workerPid }, 'ready for pictures');
    if (loaded.length > 0) return;
    logger.warn({ store: store.directory }, 'no model to serve: install one with "framegate model build coco"');
  };

  return {
    url,
    async run(signal) {
      using worker = new LinkedAbort();
      const running = engine.run(worker.signal);
      await aborted(signal);
      isStopping = true;
      using deadline = new LinkedAbort();
      await Promise.race([app.close(), sleep(STOP_MS, deadline.signal)]);
      deadline.abort();
      worker.abort();
      await running;
      app.server.closeAllConnections();
      await app.close();
    },
    async [Symbol.asyncDispose]() {
      app.server.closeAllConnections();
      await app.close();
    },
  };
}

/** One per core, as long as there is memory for it; a GPU is better used by one. */
function usualWorkers({ providers }: ServeConfig): number {
  if (providers[0] !== 'cpu') return 1;
  return Math.max(1, Math.min(availableParallelism(), Math.floor(memoryHere() / MEMORY_PER_WORKER)));
}

/** In bytes; what a container may use, if it is bounded. */
function memoryHere(): number {
  const bound = process.constrainedMemory();
  return bound > 0 ? Math.min(bound, totalmem()) : totalmem();
}

function urlOf(address: AddressInfo | string | null, { host }: ServeConfig): string {
  const port = typeof address === 'object' ? address?.port : undefined;
  const wildcard = host === '0.0.0.0' || host === '::';
  const name = wildcard ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

function listenError(error: unknown, { host, port }: ServeConfig): unknown {
  const details = { cause: error, retryable: false };
  switch (systemErrorCode(error)) {
    case 'EADDRINUSE':
      return new FramegateError('ERR_PORT_IN_USE', `port ${port} on ${host} is taken by another program`, {
        ...details,
        hint: 'end that program, or choose another port with --port or serve.port',
      });
    case 'EACCES':
      return new FramegateError('ERR_CONFIG_INVALID', `port ${port} needs more rights than this program has`, {
        ...details,
        hint: 'choose a port above 1023 with --port or serve.port',
      });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new FramegateError('ERR_CONFIG_INVALID', `${host} is not an address of this machine`, {
        ...details,
        hint: 'set --host or serve.host to 127.0.0.1, to 0.0.0.0, or to an address that "ip address" shows',
      });
    default:
      return error;
  }
}

const toMiB = (bytes: number) => Math.round(bytes / 1024 ** 2);
