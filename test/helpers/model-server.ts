import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import type { ModelManifest } from '../../src/models/manifest.ts';
import { type ModelStore, openStore } from '../../src/models/store.ts';

/** What is downloaded; big enough for many chunks. */
export const FILE = Buffer.from(Uint8Array.from({ length: 1_500_000 }, (_, i) => (i * i) % 251));
/** As much of it as comes before something happens. */
export const SOME = 600_000;
export const ETAG = '"v1"';

export const MANIFEST: ModelManifest = {
  schema: 1,
  name: 'site/1',
  sha256: createHash('sha256').update(FILE).digest('hex'),
  bytes: FILE.length,
  licence: 'Apache-2.0',
  source: 'https://example.invalid/model.onnx',
  task: 'object-detection',
  input: { width: 32, height: 32, layout: 'nchw', type: 'float32', colour: 'bgr', fit: 'letterbox', pad: 114 },
  decoder: 'yolox',
  labels: ['person'],
};

/** An empty store that is removed after the test. */
export async function emptyStore(): Promise<ModelStore> {
  const directory = await mkdtemp(join(tmpdir(), 'framegate-pull-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  return openStore(directory);
}

/** Names in the staging folder. */
export async function staged(store: ModelStore): Promise<string[]> {
  return (await readdir(store.staging)).sort();
}

export function partOf(store: ModelStore): string {
  return join(store.staging, `${MANIFEST.sha256}.part`);
}

/** A server that behaves as `answers` say, one per request, and as the last one from then on. It stops after the test. */
export async function serve(...answers: [RequestListener, ...RequestListener[]]) {
  // A proxy that is set up for this machine must not see what goes to this machine.
  vi.stubEnv('no_proxy', '127.0.0.1');
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    (answers[requests.length - 1] ?? answers.at(-1)!)(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, requests, hangUp: () => server.closeAllConnections() };
}

/** As good servers do: ranges, as long as the file has not changed. */
export function good(file = FILE, etag = ETAG): RequestListener {
  return (request, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1]);
    const condition = request.headers['if-range'];
    response.setHeader('etag', etag);
    if (Number.isNaN(start) || (condition !== undefined && condition !== etag)) {
      response.writeHead(200, { 'content-length': file.length }).end(file);
      return;
    }
    const range = `bytes ${start}-${file.length - 1}/${file.length}`;
    response
      .writeHead(206, { 'content-length': file.length - start, 'content-range': range })
      .end(file.subarray(start));
  };
}

/** Sends the first part of the file and then nothing more. */
export function stalls(headers: Record<string, string> = { etag: ETAG }, file = FILE): RequestListener {
  return (_request, response) => {
    response.writeHead(200, { ...headers, 'content-length': file.length });
    response.write(file.subarray(0, SOME));
  };
}

/** Answers with a small page. */
export function status(code: number, headers: Record<string, string> = {}): RequestListener {
  return (_request, response) => {
    response.writeHead(code, headers).end('<html>sorry</html>');
  };
}
