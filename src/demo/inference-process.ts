import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import { sleep } from '../lib/abort.ts';
import { FramegateError } from '../lib/errors.ts';

const READY_TIMEOUT_MS = 60_000;
const TERMINATE_GRACE_MS = 5000;

export interface InferenceProcess extends AsyncDisposable {
  readonly url: string;
  readonly pid: number | undefined;
}

/** Starts `framegate serve` as a process of its own on a free port, and waits until it is ready. */
export async function startInference(dataDir: string, signal: AbortSignal): Promise<InferenceProcess> {
  const port = await freePort();
  const main = fileURLToPath(new URL('../main.js', import.meta.url));
  const child = spawn(process.execPath, [main, 'serve', '--host', '127.0.0.1', '--port', String(port)], {
    // Its log would run through the demo's output; `detached` keeps the terminal's Ctrl-C from it: the demo stops it last.
    stdio: ['ignore', 'ignore', 'ignore'],
    detached: true,
    env: { ...process.env, FRAMEGATE_DATA_DIR: dataDir, FRAMEGATE_CONFIG: '' },
  });
  // Also when the demo is stopped at once and nothing is disposed any more.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    child.kill('SIGTERM');
    const lastResort = setTimeout(kill, TERMINATE_GRACE_MS);
    if (child.exitCode === null && child.signalCode === null) await exited;
    clearTimeout(lastResort);
    process.off('exit', kill);
  };
  const giveUpAt = performance.now() + READY_TIMEOUT_MS;
  while (!(await isReady(url))) {
    if (signal.aborted) break;
    if (child.exitCode !== null || performance.now() > giveUpAt) {
      await stop();
      throw new FramegateError('ERR_INFERENCE_UNAVAILABLE', 'the inference service did not start', {
        hint: 'run framegate serve to see why',
      });
    }
    await sleep(100, signal);
  }
  return { url, pid: child.pid, [Symbol.asyncDispose]: stop };
}

async function isReady(url: string): Promise<boolean> {
  try {
    const { statusCode, body } = await request(`${url}/readiness`);
    await body.dump();
    return statusCode === 200;
  } catch {
    return false; // not listening yet
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
