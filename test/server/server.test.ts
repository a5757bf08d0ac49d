import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openStore } from '../../src/models/store.ts';
import { serveConfig } from '../../src/server/config.ts';
import { runServe } from '../../src/server/run-serve.ts';
import { openServer } from '../../src/server/server.ts';
import { silentLogger } from '../../src/telemetry/logger.ts';
import { writeTinyModel } from '../helpers/tiny-model.ts';
import { until } from '../helpers/until.ts';
import { modelFolder, serverForTest } from './running-server.ts';

async function takenPort(): Promise<number> {
  const other: Server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  onTestFinished(() => {
    other.close();
  });
  return (other.address() as AddressInfo).port;
}

test('a port that is taken is an error that names it and the way out', async () => {
  const port = await takenPort();
  const run = runServe(
    { config: serveConfig.parse({}), dataDir: await modelFolder(), port, logger: silentLogger },
    new AbortController().signal,
  );
  await expect(run).rejects.toMatchObject({
    code: 'ERR_PORT_IN_USE',
    message: expect.stringContaining(`port ${port} on 127.0.0.1`),
    hint: expect.stringContaining('--port'),
  });
});

test('an address that is not of this machine is an error of the configuration', async () => {
  const config = serveConfig.parse({ host: '192.0.2.1', port: 0 });
  const open = openServer({ config, store: openStore(join(await modelFolder(), 'models')), logger: silentLogger });
  await expect(open).rejects.toMatchObject({
    code: 'ERR_CONFIG_INVALID',
    message: expect.stringContaining('192.0.2.1'),
  });
});

test('the URL is one that a client on this machine can use', async () => {
  const server = await serverForTest({ directory: await modelFolder(), config: { host: '0.0.0.0' } });
  expect(server.url).toMatch(/^http:\/\/localhost:\d+$/);
  expect((await server.get('/healthz')).status).toBe(200);
});

test('a worker that cannot start is logged with its reason and tried again, and HTTP goes on', async () => {
  const directory = await modelFolder();
  await writeTinyModel(directory);
  const server = await serverForTest({ directory, workerFile: new URL('./no-such-worker.js', import.meta.url) });
  await until(() => server.logs.filter(({ level }) => level === 'error').length > 1, 'it was tried again');
  expect(server.logs[0]).toMatchObject({
    fields: { restart_in_ms: expect.any(Number) },
    message: expect.stringMatching(
      /the model worker ended \(exit code 1\), saying "Error: Cannot find module .*no-such-worker\.js/,
    ),
  });
  expect(await server.get('/readiness')).toMatchObject({ status: 503, body: { status: 'not ready' } });
  expect((await server.get('/healthz')).status).toBe(200);
  const refused = await server.post('/tiny/1', 'AAAA', { 'content-type': 'text/plain' });
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
  expect(await server.metric('framegate_serve_dropped_total{reason="worker_down"}')).toBe(1);
});
