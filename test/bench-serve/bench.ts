/**
 * `npm run bench:serve`: the microservice against a bare loop over the same session, in turns within one run, so that both see the same
 * machine. Options: --seconds N per measurement, --rounds N, --workers N, --size WxH of the picture.
 */
import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { InstalledModel } from '../../src/models/installed.ts';
import { openStore } from '../../src/models/store.ts';
import type { BareReply, BareRequest } from './bare-loop.ts';
import { idealLatencies } from './ideal-queue.ts';
import { momentsOf, pace, saturate, type Target } from './load.ts';
import { cameraPicture, installModel, multipartOf } from './material.ts';

const MAIN = fileURLToPath(new URL('../../../../../dist/main.js', import.meta.url));
const TICKS_PER_SECOND = 100;
const READY_MS = 60_000;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '6' },
    rounds: { type: 'string', default: '3' },
    workers: { type: 'string', default: String(availableParallelism()) },
    size: { type: 'string', default: '768x576' },
    data: { type: 'string', default: process.env['FRAMEGATE_TEST_DATA'] ?? '' },
  },
});
const ms = Number(values.seconds) * 1000;
const rounds = Number(values.rounds);
const workers = Number(values.workers);
const [width = 768, height = 576] = values.size.split('x').map(Number);

interface Figures {
  readonly fps: number;
  /** CPU milliseconds per frame, of all processes that take part but the client. */
  readonly cpuMs: number;
}

async function loops(model: InstalledModel, jpeg: Buffer, what: BareRequest['what']): Promise<readonly BareReply[]> {
  const request: BareRequest = { file: model.file, manifest: model.manifest, jpeg, what, ms };
  return Promise.all(
    Array.from({ length: workers }, async () => {
      const child = fork(new URL('bare-loop.js', import.meta.url), { serialization: 'advanced' });
      child.send(request);
      const [reply] = (await once(child, 'message')) as [BareReply];
      await once(child, 'exit');
      return reply;
    }),
  );
}

async function bare(model: InstalledModel, jpeg: Buffer, what: BareRequest['what']): Promise<Figures> {
  const replies = await loops(model, jpeg, what);
  const frames = replies.reduce((sum, reply) => sum + reply.frames, 0);
  return {
    fps: replies.reduce((sum, reply) => sum + reply.frames / reply.seconds, 0),
    cpuMs: (1000 * replies.reduce((sum, reply) => sum + reply.cpuSeconds, 0)) / frames,
  };
}

async function startServer(dataDir: string): Promise<{ child: ChildProcess; url: string }> {
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const config = join(dataDir, 'config.yaml');
  await writeFile(config, `serve: { workers: ${workers} }\nlog: { level: warn }\n`);
  const child = spawn(process.execPath, [MAIN, 'serve', '-c', config, '--port', String(port)], {
    env: { ...process.env, FRAMEGATE_DATA_DIR: dataDir },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const url = `http://127.0.0.1:${port}`;
  for (const until = Date.now() + READY_MS; Date.now() < until; ) {
    const isReady = await fetch(`${url}/readiness`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return { child, url };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the server did not become ready');
}

/** CPU seconds of a process and its children, from /proc. */
async function cpuSecondsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const own = (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ').filter(Boolean);
  const theirs = await Promise.all(children.map((child) => cpuSecondsOf(Number(child))));
  return theirs.reduce((sum, seconds) => sum + seconds, own);
}

const median = (numbers: readonly number[]) => quantile(numbers, 0.5);

function quantile(numbers: readonly number[], q: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

function medians(figures: readonly Figures[]): Figures {
  return { fps: median(figures.map(({ fps }) => fps)), cpuMs: median(figures.map(({ cpuMs }) => cpuMs)) };
}

function line(name: string, { fps, cpuMs }: Figures): void {
  console.log(`${name.padEnd(46)} ${fps.toFixed(1).padStart(7)} fps ${cpuMs.toFixed(1).padStart(7)} CPU ms per frame`);
}

interface Latency {
  readonly p50: number;
  readonly p99: number;
}

function latencyLine(name: string, all: readonly number[], more = ''): Latency {
  const [p50, p99] = [quantile(all, 0.5), quantile(all, 0.99)];
  const figures = [p50, p99].map((figure) => figure.toFixed(1).padStart(7)).join(' ');
  console.log(`${name.padEnd(46)} ${figures} ms ${(p99 / p50).toFixed(2).padStart(6)} x${more}`);
  return { p50, p99 };
}

/** The server at `rate`, and beside it what an ideal queue over the bare loop would do with frames at the very same moments. */
async function latencies(
  target: Target,
  rate: number,
  durations: readonly number[],
  how: 'even' | 'random',
): Promise<{ readonly server: Latency; readonly ideal: Latency }> {
  const moments = momentsOf(rate, 3 * ms, how);
  const { latencies: all, refused } = await pace(target, moments);
  const server = latencyLine(`framegate serve, ${how} moments`, all, `, ${refused} refused`);
  const ideal = latencyLine(
    `ideal queue over the bare loop, ${how} moments`,
    idealLatencies(moments, durations, workers),
  );
  return { server, ideal };
}

const dataDir = await mkdtemp(join(tmpdir(), 'framegate-bench-serve-'));
execFileSync(process.execPath, [MAIN, 'model', 'build', 'coco'], {
  env: { ...process.env, FRAMEGATE_DATA_DIR: dataDir, FRAMEGATE_CONFIG: '' },
  stdio: 'ignore',
});
const model = await installModel(openStore(join(dataDir, 'models')), values.data || undefined);
const jpeg = await cameraPicture(width, height);
const { child, url } = await startServer(dataDir);
try {
  // Of other programs: what runs beside it shows in every figure but the CPU time.
  const load = loadavg().map((value) => value.toFixed(1));
  console.log(`${cpus().length} x ${cpus()[0]?.model}, Node ${process.version}, load ${load.join(' ')}`);
  const target: Target = { url, path: `/${model.ref}`, ...multipartOf(jpeg) };
  console.log(
    `${model.ref}, ${width}x${height} JPEG of ${jpeg.length} bytes, ${workers} workers, median of ${rounds} rounds of ${ms / 1000} s\n`,
  );
  const session: Figures[] = [];
  const picture: Figures[] = [];
  const server: Figures[] = [];
  await saturate(target, 2 * workers, 1000);
  for (let round = 0; round < rounds; round += 1) {
    session.push(await bare(model, jpeg, 'session'));
    picture.push(await bare(model, jpeg, 'picture'));
    const before = await cpuSecondsOf(child.pid as number);
    const { frames, seconds } = await saturate(target, 4 * workers, ms);
    const after = await cpuSecondsOf(child.pid as number);
    server.push({ fps: frames / seconds, cpuMs: (1000 * (after - before)) / frames });
  }
  line(`bare loop, ${workers} processes, session.run alone`, medians(session));
  line(`bare loop, ${workers} processes, JPEG to boxes`, medians(picture));
  line('framegate serve, JPEG over HTTP to boxes', medians(server));
  const share = median(server.map(({ fps }, round) => fps / (picture[round]?.fps ?? Number.NaN)));
  const shareOfSession = median(server.map(({ fps }, round) => fps / (session[round]?.fps ?? Number.NaN)));
  console.log(
    `\nserver / bare loop: ${share.toFixed(2)} from JPEG to boxes, ${shareOfSession.toFixed(2)} of session.run alone`,
  );
  // What holds on a machine that others use too.
  const cost = medians(picture).cpuMs / medians(server).cpuMs;
  console.log(`server / bare loop by CPU time: ${cost.toFixed(2)} from JPEG to boxes\n`);
  const rate = medians(server).fps / 2;
  const durations = (await loops(model, jpeg, 'alone')).flatMap((reply) => reply.durations);
  console.log(`at half load, ${rate.toFixed(1)} fps${' '.repeat(34)}p50     p99`);
  const even = await latencies(target, rate, durations, 'even');
  const random = await latencies(target, rate, durations, 'random');
  const verdict = (isMet: boolean) => (isMet ? 'met' : 'NOT met');
  const within = ({ p50, p99 }: Latency) => p99 < 2 * p50;
  console.log(`\ngoal: at least 0.9 of the bare loop: ${verdict(share >= 0.9)}`);
  for (const [how, { server: own, ideal }] of [['even', even] as const, ['random', random] as const]) {
    const possible = within(ideal) ? 'an ideal queue does' : 'nor does an ideal queue';
    console.log(`goal: p99 below twice p50 at half load, ${how} moments: ${verdict(within(own))} (${possible})`);
  }
} finally {
  child.kill('SIGTERM');
  await once(child, 'exit');
  await rm(dataDir, { recursive: true, force: true });
}
