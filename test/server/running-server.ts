/**
 * The inference microservice for tests: in this process, on a free port, with the compiled worker and a store in a temporary folder.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openStore } from '../../src/models/store.ts';
import { type ServeConfig, serveConfig } from '../../src/server/config.ts';
import { openServer, type ServerOptions } from '../../src/server/server.ts';
import type { LogFields, Logger } from '../../src/telemetry/logger.ts';
import { until } from '../helpers/until.ts';

/** Node 20 cannot run TypeScript in a child process. */
const workerFile = new URL('../../dist/server/worker.js', import.meta.url);

interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: LogFields;
  readonly message: string;
}

export interface RunningServer {
  readonly url: string;
  readonly logs: readonly LogLine[];
  /** Waits until a worker is up that was not up at the last call. */
  nextWorker(): Promise<number>;
  /** Aborts and waits for the end. */
  stop(): Promise<void>;
  /** POSTs to `path` and reads the JSON of the answer. */
  post(
    path: string,
    body?: RequestInit['body'],
    headers?: Record<string, string>,
    signal?: AbortSignal,
  ): Promise<Answer>;
  get(path: string): Promise<Answer>;
  /** The value of one line of /metrics; 0 when it is not there yet. */
  metric(line: string): Promise<number>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any;
}

export interface StartOptions extends Pick<ServerOptions, 'workerDeadlineMs' | 'workerFile'> {
  readonly directory: string;
  readonly config?: Partial<ServeConfig>;
}

/** A folder for models that is gone after the test. */
export async function modelFolder(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'framegate-serve-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** Stopped after the test. */
export async function serverForTest(options: StartOptions): Promise<RunningServer> {
  const server = await startServer(options);
  onTestFinished(server.stop);
  return server;
}

/** The caller stops it. */
export async function startServer({ directory, config = {}, ...options }: StartOptions): Promise<RunningServer> {
  if (!existsSync(workerFile)) throw new Error(`no ${workerFile.pathname}: run "npm run build" first`);
  const logs: LogLine[] = [];
  const server = await openServer({
    config: { ...serveConfig.parse({}), port: 0, workers: 1, ...config },
    store: openStore(directory),
    logger: collectInto(logs),
    workerFile,
    ...options,
  });
  const controller = new AbortController();
  const running = server.run(controller.signal);
  const stop = () => {
    controller.abort();
    return running;
  };
  const fetchJson = async (path: string, init?: RequestInit): Promise<Answer> => {
    const response = await fetch(`${server.url}${path}`, init);
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('application/json');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  };
  let seen = 0;
  return {
    url: server.url,
    logs,
    stop,
    async nextWorker() {
      const ups = () => logs.filter(({ message }) => message === 'ready for pictures');
      await until(() => ups().length > seen, 'a worker is up', 30_000);
      seen = ups().length;
      return ups().at(-1)!.fields['worker_pid'] as number;
    },
    get: (path) => fetchJson(path),
    post: (path, body, headers = {}, signal) =>
      fetchJson(path, { method: 'POST', body: body ?? null, headers, signal: signal ?? null }),
    async metric(line) {
      const { body } = await fetchJson('/metrics');
      const found = (body as string).split('\n').find((text) => text.startsWith(`${line} `));
      return Number(found?.slice(line.length + 1) ?? 0);
    },
  };
}

/** The picture as multipart part `file`. */
export function asFile(picture: Uint8Array<ArrayBuffer>, name = 'file'): FormData {
  const form = new FormData();
  form.append(name, new Blob([picture], { type: 'image/jpeg' }), 'frame.jpg');
  return form;
}

/** Waits for something that only a request can tell. */
export async function eventually(condition: () => Promise<boolean>, what: string): Promise<void> {
  for (let attempt = 0; attempt < 1000; attempt += 1) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`waited in vain: ${what}`);
}

function collectInto(logs: LogLine[]): Logger {
  const add = (level: LogLine['level']) => (fields: LogFields, message: string) => {
    logs.push({ level, fields, message });
  };
  const logger: Logger = {
    debug: add('debug'),
    info: add('info'),
    warn: add('warn'),
    error: add('error'),
    child: () => logger,
  };
  return logger;
}
