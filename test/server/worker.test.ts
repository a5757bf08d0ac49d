import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import sharp from 'sharp';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { writeTinyModel } from '../helpers/tiny-model.ts';
import { type Answer, asFile, eventually, modelFolder, type StartOptions, serverForTest } from './running-server.ts';

let jpeg: Uint8Array<ArrayBuffer>;
let large: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
  const noise = { type: 'gaussian', mean: 128, sigma: 30 } as const;
  const picture = (width: number, height: number) =>
    sharp({ create: { width, height, channels: 3, background: 'gray', noise } })
      .jpeg()
      .toBuffer();
  jpeg = Uint8Array.from(await picture(64, 64));
  large = Uint8Array.from(await picture(2560, 1440));
});

async function tinyServer(options: Omit<StartOptions, 'directory'> = {}) {
  const directory = await modelFolder();
  await writeTinyModel(directory);
  return serverForTest({ directory, ...options });
}

/** SIGSTOP: the worker takes its messages only when it may go on, as when a model takes long. */
function freeze(pid: number) {
  process.kill(pid, 'SIGSTOP');
  return { thaw: () => process.kill(pid, 'SIGCONT'), kill: () => process.kill(pid, 'SIGKILL') };
}

const statusOf = (answers: readonly Answer[]) => answers.map(({ status }) => status).sort();

test('thirty requests at once are all answered, and health is answered before they are done', async () => {
  const server = await tinyServer();
  await server.nextWorker();
  let done = 0;
  const requests = Array.from({ length: 30 }, async () => {
    const answer = await server.post('/tiny/1', asFile(large));
    done += 1;
    return answer;
  });
  await eventually(async () => (await server.metric('framegate_serve_queue_length')) > 0, 'requests wait');
  expect((await server.get('/healthz')).status).toBe(200);
  expect(done).toBeLessThan(30);
  expect(statusOf(await Promise.all(requests))).toEqual(Array(30).fill(200));
});

test('a worker that is killed fails what it worked on, sends the rest away, and is replaced', async () => {
  const server = await tinyServer();
  const frozen = freeze(await server.nextWorker());
  const requests = Array.from({ length: 4 }, () => server.post('/tiny/1', asFile(jpeg)));
  await eventually(async () => (await server.metric('framegate_serve_queue_length')) === 2, 'two wait, two are in');
  frozen.kill();
  const answers = await Promise.all(requests);
  expect(statusOf(answers)).toEqual([500, 500, 503, 503]);
  expect(answers.find(({ status }) => status === 500)?.body.message).toContain('the model worker ended (SIGKILL)');
  expect(answers.find(({ status }) => status === 503)?.headers.get('retry-after')).toBe('1');
  expect(server.logs.filter(({ level }) => level === 'error')).toEqual([
    expect.objectContaining({ message: expect.stringContaining('the model worker ended (SIGKILL)') }),
  ]);
  await server.nextWorker();
  expect((await server.post('/tiny/1', asFile(jpeg))).status).toBe(200);
  expect(await server.metric('framegate_serve_worker_failures_total')).toBe(1);
});

test('a server without a worker is not ready until the next one is up', async () => {
  const server = await tinyServer();
  process.kill(await server.nextWorker(), 'SIGKILL');
  await eventually(async () => (await server.get('/readiness')).status === 503, 'not ready');
  await server.nextWorker();
  expect((await server.get('/readiness')).status).toBe(200);
});

test('a worker that hangs is found by its deadline, killed and replaced', async () => {
  const server = await tinyServer({ workerDeadlineMs: 3000 });
  freeze(await server.nextWorker());
  const { status, body } = await server.post('/tiny/1', asFile(jpeg));
  expect([status, body.message]).toEqual([500, expect.stringContaining('did not answer within 3 s and was killed')]);
  await server.nextWorker();
  expect((await server.post('/tiny/1', asFile(jpeg))).status).toBe(200);
});

test('a full queue refuses the newcomer at once and keeps those who wait', async () => {
  const server = await tinyServer({ config: { maxQueue: 1 } });
  const frozen = freeze(await server.nextWorker());
  const accepted = Array.from({ length: 3 }, () => server.post('/tiny/1', asFile(jpeg)));
  await eventually(async () => (await server.metric('framegate_serve_queue_length')) === 1, 'one waits');
  const refused = await server.post('/tiny/1', asFile(jpeg));
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
  expect(refused.body.message).toContain('too many pictures wait');
  frozen.thaw();
  expect(statusOf(await Promise.all(accepted))).toEqual([200, 200, 200]);
  expect(await server.metric('framegate_serve_dropped_total{reason="queue_full"}')).toBe(1);
});

test('a request whose client went away is dropped before it runs', async () => {
  const server = await tinyServer();
  const frozen = freeze(await server.nextWorker());
  const stay = [server.post('/tiny/1', asFile(jpeg)), server.post('/tiny/1', asFile(jpeg))];
  const controller = new AbortController();
  const leave = server.post('/tiny/1', asFile(jpeg), {}, controller.signal);
  await eventually(async () => (await server.metric('framegate_serve_queue_length')) === 1, 'one waits');
  controller.abort();
  await expect(leave).rejects.toThrow('aborted');
  await eventually(async () => (await server.metric('framegate_serve_queue_length')) === 0, 'it waits no more');
  frozen.thaw();
  await Promise.all(stay);
  expect(await server.metric('framegate_serve_dropped_total{reason="client_gone"}')).toBe(1);
  expect(await server.metric('framegate_serve_inference_duration_seconds_count{model="tiny/1"}')).toBe(2);
});

test('the stop lets requests under way finish, then ends the worker', async () => {
  const server = await tinyServer();
  const pid = await server.nextWorker();
  const frozen = freeze(pid);
  const requests = Array.from({ length: 3 }, () => server.post('/tiny/1', asFile(jpeg)));
  await eventually(async () => (await server.metric('framegate_serve_queue_length')) === 1, 'one waits');
  const stopped = server.stop();
  frozen.thaw();
  expect(statusOf(await Promise.all(requests))).toEqual([200, 200, 200]);
  await stopped;
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  await expect(server.get('/healthz')).rejects.toThrow();
});

test.skipIf(process.platform !== 'linux')('a server that is killed leaves no worker behind', async () => {
  const dataDir = await modelFolder();
  await mkdir(join(dataDir, 'models'));
  await writeTinyModel(join(dataDir, 'models'));
  const server = spawnServer(dataDir);
  const worker = await workerPidOf(server);
  expect(await stateOf(worker)).toMatch(/[RS]/);
  server.kill('SIGKILL');
  await eventually(async () => ['gone', 'Z'].includes(await stateOf(worker)), 'the worker ends');
});

function spawnServer(dataDir: string): ChildProcess {
  const dist = (file: string) => JSON.stringify(new URL(`../../dist/${file}`, import.meta.url).href);
  const program = `
    import { runServe } from ${dist('server/run-serve.js')};
    import { serveConfig } from ${dist('server/config.js')};
    import { createLogger } from ${dist('telemetry/logger.js')};
    const logger = createLogger({ level: 'info' });
    await runServe({ config: serveConfig.parse({}), dataDir: process.argv[1], port: 0, logger }, new AbortController().signal);`;
  const server = spawn(process.execPath, ['--input-type=module', '-e', program, dataDir], {
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  onTestFinished(() => {
    server.kill('SIGKILL');
  });
  return server;
}

async function workerPidOf(server: ChildProcess): Promise<number> {
  for await (const line of createInterface({ input: server.stderr! })) {
    const { worker_pid: pid } = JSON.parse(line);
    if (pid !== undefined) return pid;
  }
  throw new Error('the server ended');
}

/** The state letter of a process: R, S, Z, ...; `gone` when there is none. */
async function stateOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return /\) (\w)/.exec(text)?.[1] ?? 'gone';
}
