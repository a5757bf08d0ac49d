/**
 * A client that loads the server: as much as it takes, or at a rate.
 */
import { Pool } from 'undici';

export interface Target {
  readonly url: string;
  readonly path: string;
  readonly body: Buffer;
  readonly contentType: string;
}

export interface LoadResult {
  readonly frames: number;
  readonly refused: number;
  readonly seconds: number;
  /** Of each answered request, in ms. */
  readonly latencies: readonly number[];
}

/** `clients` that each ask again as soon as they have their answer. */
export async function saturate(target: Target, clients: number, ms: number): Promise<LoadResult> {
  const run = startRun(target, clients);
  const client = async () => {
    while (performance.now() - run.startedAt < ms) await run.ask();
  };
  await Promise.all(Array.from({ length: clients }, client));
  return run.end();
}

/** Moments in ms at which `rate` frames a second arrive: evenly as from cameras in turn, or at random (Poisson). */
export function momentsOf(rate: number, ms: number, how: 'even' | 'random'): number[] {
  const moments: number[] = [];
  for (let at = 0; at < ms; at += how === 'even' ? 1000 / rate : (-Math.log(1 - Math.random()) * 1000) / rate)
    moments.push(at);
  return moments;
}

/** Requests at these moments. */
export async function pace(target: Target, moments: readonly number[]): Promise<LoadResult> {
  const run = startRun(target, 64);
  const pending: Array<Promise<void>> = [];
  for (const at of moments) {
    const wait = run.startedAt + at - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    pending.push(run.ask());
  }
  await Promise.all(pending);
  return run.end();
}

function startRun({ url, path, body, contentType }: Target, connections: number) {
  const pool = new Pool(url, { connections });
  const latencies: number[] = [];
  let refused = 0;
  const startedAt = performance.now();
  return {
    startedAt,
    async ask() {
      const sentAt = performance.now();
      const answer = await pool.request({ method: 'POST', path, body, headers: { 'content-type': contentType } });
      await answer.body.text();
      if (answer.statusCode === 200) latencies.push(performance.now() - sentAt);
      else refused += 1;
    },
    async end(): Promise<LoadResult> {
      const seconds = (performance.now() - startedAt) / 1000;
      await pool.close();
      return { frames: latencies.length, refused, seconds, latencies };
    },
  };
}
