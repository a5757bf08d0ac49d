/**
 * One file over HTTP into a partial file that survives a failure, so that the next attempt goes on where this one stopped.
 */
import { mkdir, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Dispatcher, EnvHttpProxyAgent, interceptors, request } from 'undici';
import { describeError, FramegateError, isFramegateError, systemErrorCode } from '../lib/errors.ts';
import { explainDiskError, writeAll } from './files.ts';
import type { OnProgress } from './progress.ts';

const MAX_REDIRECTS = 5;
const MIN_BUFFER = 16 * 1024 ** 2;
const UNREACHABLE = [
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'UND_ERR_CONNECT_TIMEOUT',
];

export interface Download {
  readonly url: string;
  /** Exact size; more is never written. */
  readonly bytes: number;
  /** Where to write. Beside it, `<part>.validator` remembers which version of the file the server was sending. */
  readonly part: string;
  readonly signal: AbortSignal;
  /** Gives up when the server sends nothing for this long. */
  readonly stallMs: number;
  readonly onProgress?: OnProgress | undefined;
}

/**
 * Resolves when `part` has all `bytes`; their hash is the caller's business. Honours the proxy settings of the environment.
 * Throws ERR_MODEL_DOWNLOAD (the part is kept), ERR_MODEL_HASH when the size shows that it is another file, ERR_DISK_FULL.
 */
export async function download(job: Download): Promise<void> {
  try {
    await mkdir(dirname(job.part), { recursive: true });
    await goOn(job);
  } catch (error) {
    throw explain(job, error);
  }
}

async function goOn(job: Download): Promise<void> {
  let have = await sizeOf(job.part);
  if (have > job.bytes) {
    await removePart(job.part);
    have = 0;
  }
  if (have === job.bytes) return;
  const agent = new EnvHttpProxyAgent({ connect: { timeout: job.stallMs } });
  try {
    const response = await ask(job, agent, have);
    await receive(job, response, await startOf(job, response, have));
  } finally {
    await agent.destroy();
  }
}

export async function removePart(part: string): Promise<void> {
  await rm(part, { force: true });
  await rm(validatorFile(part), { force: true });
}

async function ask(job: Download, agent: Dispatcher, have: number): Promise<Dispatcher.ResponseData> {
  const headers: Record<string, string> = { 'accept-encoding': 'identity', 'user-agent': 'framegate' };
  if (have > 0) {
    headers['range'] = `bytes=${have}-`;
    // Without a validator a changed file is only noticed by its hash.
    const validator = await readFile(validatorFile(job.part), 'utf8').catch(() => '');
    if (validator) headers['if-range'] = validator;
  }
  return request(job.url, {
    dispatcher: agent.compose(interceptors.redirect({ maxRedirections: MAX_REDIRECTS })),
    headers,
    signal: job.signal,
    headersTimeout: job.stallMs,
    bodyTimeout: job.stallMs,
    // undici 7 crashes the process when a connection ends while it has paused it for a slow reader (nodejs/undici 5360), so it never
    // pauses: at worst, the part of the file that the disk could not take yet waits in memory.
    highWaterMark: Math.max(job.bytes, MIN_BUFFER),
  });
}

/** Where in the file the answer begins: 0 unless the server goes on after the `have` bytes that are here. */
async function startOf(job: Download, response: Dispatcher.ResponseData, have: number): Promise<number> {
  const { statusCode, headers } = response;
  if (statusCode !== 200 && statusCode !== 206) {
    if (statusCode === 416) await removePart(job.part);
    throw refused(job, statusCode);
  }
  const start = statusCode === 206 ? Number(/^bytes (\d+)-/.exec(String(headers['content-range']))?.[1]) : 0;
  if (start !== 0 && start !== have)
    throw failed(job, 'the server sent another part of the file than it was asked for');
  const length = headers['content-length'];
  if (length !== undefined && start + Number(length) !== job.bytes) throw wrongSize(job, `${start + Number(length)}`);
  return start;
}

async function receive(job: Download, { headers, body }: Dispatcher.ResponseData, start: number): Promise<void> {
  await using file = await open(job.part, start === 0 ? 'w' : 'r+');
  if (start === 0) await writeFile(validatorFile(job.part), validatorOf(headers));
  let done = start;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    if (done + chunk.length > job.bytes) {
      await removePart(job.part);
      throw wrongSize(job, `more than ${job.bytes}`);
    }
    await writeAll(file, chunk, done);
    done += chunk.length;
    job.onProgress?.(done, job.bytes);
  }
  if (done === job.bytes) return;
  // Only a body in chunks says where it ends; any other that ends early was cut off.
  if (headers['transfer-encoding'] === undefined) throw failed(job, 'the connection ended early');
  await removePart(job.part);
  throw wrongSize(job, `${done}`);
}

/** What `If-Range` accepts: an ETag, unless it is a weak one, or a date. */
function validatorOf(headers: Dispatcher.ResponseData['headers']): string {
  const etag = headers['etag'];
  if (typeof etag === 'string' && !etag.startsWith('W/')) return etag;
  const modified = headers['last-modified'];
  return typeof modified === 'string' ? modified : '';
}

/** For messages: what follows the question mark may be a secret. */
export function withoutQuery(url: string): string {
  return url.replace(/\?.*/, '');
}

function validatorFile(part: string): string {
  return `${part}.validator`;
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return 0;
    throw error;
  }
}

function explain(job: Download, error: unknown): unknown {
  const explained = explainDiskError(error, job.part);
  if (isFramegateError(explained)) return explained;
  if (job.signal.aborted) return failed(job, 'it was interrupted');
  const code = systemErrorCode(error) ?? '';
  if (UNREACHABLE.includes(code)) {
    const host = new URL(job.url).host;
    return new FramegateError(
      'ERR_MODEL_DOWNLOAD',
      `download of ${withoutQuery(job.url)} failed: cannot reach ${host} (${code})`,
      {
        cause: error,
        hint: 'check the network and the proxy settings; "framegate model build coco" needs neither',
      },
    );
  }
  if (code.endsWith('_TIMEOUT')) return failed(job, `the server sent nothing for ${job.stallMs / 1000} s`, error);
  return failed(job, describeError(error), error);
}

function failed(job: Download, why: string, cause?: unknown): FramegateError {
  return new FramegateError('ERR_MODEL_DOWNLOAD', `download of ${withoutQuery(job.url)} failed: ${why}`, {
    cause,
    hint: 'run the command again to go on where it stopped',
  });
}

function refused(job: Download, status: number): FramegateError {
  const redirected = status >= 300 && status < 400;
  const answer = redirected ? `more than ${MAX_REDIRECTS} redirects` : `the server answered ${status}`;
  const later = status === 416 || status === 408 || status === 429 || status >= 500;
  return new FramegateError('ERR_MODEL_DOWNLOAD', `download of ${withoutQuery(job.url)} failed: ${answer}`, {
    hint: later ? 'try again later' : 'check the address; the file may have moved',
    retryable: later,
  });
}

function wrongSize(job: Download, size: string): FramegateError {
  return new FramegateError(
    'ERR_MODEL_HASH',
    `${withoutQuery(job.url)} is not the expected file: it has ${size} bytes instead of ${job.bytes}`,
    {
      hint: 'check that nothing between here and the server answers in its place, such as a login page',
      retryable: false,
    },
  );
}
