/**
 * `npm run bench:ingest`: what receiving and decoding cost, and what is found, over real RTSP and beside other programs.
 */
import { setMaxListeners } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { findFfmpeg } from '../../src/ffmpeg/build.ts';
import { type Options, readOptions, USAGE } from './options.ts';
import { costTable, restTable } from './report/cost-table.ts';
import { eachEvent, eventsTable } from './report/events-table.ts';
import { writePlots } from './report/plots.ts';
import { markdown, plain, type Table } from './report/table.ts';
import { targetTable } from './report/targets.ts';
import { namesOf, type Plan, planOf, recordingsOf } from './rows/plan.ts';
import { runPlan } from './rows/run.ts';
import type { Bench } from './rows/trials.ts';
import { openRecordings } from './streams/streams.ts';
import { bareReceiving, fullDecode } from './subjects/ffmpeg.ts';
import { knowsModes } from './subjects/framegate.ts';
import { motionDaemon } from './subjects/motion.ts';
import { openSite, type Site } from './subjects/site.ts';

async function main(options: Options, signal: AbortSignal): Promise<void> {
  if (options.help) return print(USAGE);
  const plan = planOf(options);
  if (options.list) return print(namesOf(plan).join('\n'));
  const startedAt = new Date();
  await mkdir(options.out, { recursive: true });
  await using site = await openSite();
  const bench = await openBench(options, plan, site);
  const load = loadavg().map((value) => value.toFixed(1));
  const machine = `${cpus().length} x ${cpus()[0]?.model}, Node ${process.version}, load ${load.join(' ')}`;
  print(`${machine}\n\n${describe(bench)}`);
  const measuredFrom = performance.now();
  const show = (table: Table) => print(`\n${plain(table)}`);
  const outcome = await runPlan(
    plan,
    bench,
    options,
    (fresh, all) => {
      show(costTable(fresh, all));
      show(restTable(fresh, all));
    },
    signal,
  );
  if (signal.aborted) return print('\nstopped');
  const { results, events, courses } = outcome;
  if (events.length > 0) show(eventsTable(events));
  const targets = targetTable(results, events);
  show(targets);
  const took = `${((performance.now() - measuredFrom) / 60_000).toFixed(1)} min`;
  print(`\nmeasured in ${took}`);
  const ran = describe(bench);
  const report = { machine, startedAt, endedAt: new Date(), took, ran, options, ...outcome };
  const json = join(options.out, 'results.json');
  await writeFile(json, JSON.stringify(report, null, 1));
  const cost = results.length > 0 ? [costTable(results, results), restTable(results, results)] : [];
  const found = events.length > 0 ? [eventsTable(events), eachEvent(events)] : [];
  const text = join(options.out, 'results.md');
  const head = [`${startedAt.toISOString().slice(0, 16)}Z, ${machine}; measured in ${took}.`, '```', ran, '```'];
  await writeFile(text, `${[head.join('\n'), ...[targets, ...cost, ...found].map(markdown)].join('\n\n')}\n`);
  print([json, text, ...(await writePlots(options.out, results, courses))].join('\n'));
}

async function openBench(options: Options, plan: Plan, site: Site): Promise<Bench> {
  const { out, framegate, camera } = options;
  const recordings = await openRecordings(recordingsOf(plan), print);
  const build = await findFfmpeg();
  const hasModes = await knowsModes(framegate, out);
  const { mqttUrl, inferenceUrl } = site;
  return {
    site,
    installation: { main: framegate, mqttUrl, inferenceUrl, folder: out, camera, hasModes },
    modes: hasModes ? ['always', 'auto'] : ['always'],
    full: fullDecode(build, out),
    copy: bareReceiving(build, out),
    motion: await motionDaemon(out),
    recording: (kind, part) => recordings.find((one) => one.name === kind && one.part === part)!,
  };
}

function describe({ full, copy, motion, modes, installation }: Bench): string {
  return [
    ...[full, copy, motion].flatMap((subject) => (subject ? [`${subject.name.padEnd(8)}${subject.label}`] : [])),
    ...modes.map(
      (mode) => `${mode.padEnd(8)}framegate run, ${installation.main}, cameras ${JSON.stringify(installation.camera)}`,
    ),
    ...(motion ? [] : ['motion is left out: it is not installed (apt-get install motion)']),
    ...(modes.includes('auto') ? [] : ['auto is left out: the config of this build has no decode.mode']),
  ].join('\n');
}

function print(line: string): void {
  console.log(line);
}

const stop = new AbortController();
// Every camera that learns waits on it.
setMaxListeners(0, stop.signal);
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
try {
  await main(readOptions(process.argv.slice(2), process.env), stop.signal);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  if (String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS')) console.error(`\n${USAGE}`);
  process.exitCode = 1;
}
