/**
 * `framegate backtest`, but for reading the command line and printing.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Change, setCamera } from '../config/edit.ts';
import { findFfmpeg } from '../ffmpeg/build.ts';
import { FramegateError } from '../lib/errors.ts';
import { namesOf, reportOf } from './assemble.ts';
import { type Backtest, type ClipVerdict, runBacktest } from './backtest.ts';
import { replayInProcess } from './clip-process.ts';
import { nameClips, strayEntries } from './clips.ts';
import { page } from './html/page.ts';
import type { Report } from './report.ts';
import { type Settings, settingsOf } from './settings.ts';
import { siteOf } from './site.ts';
import { type Axis, gridOf, MAX_VARIANTS } from './sweep.ts';
import { clipRows, eventLines, nameOf, sweepRows } from './tables.ts';
import { readTruth, writeTruth } from './truth-file.ts';
import { type Tuned, tune } from './tune.ts';
import { tuneReport, tuneRows, tuneTalk } from './tune-report.ts';

export interface BacktestOptions {
  readonly config?: string;
  readonly truth?: string;
  readonly writeTruth?: string;
  readonly camera?: string;
  readonly set?: readonly Change[];
  readonly sweep?: readonly Axis[];
  readonly tune?: boolean;
  readonly write?: boolean;
  readonly inference?: boolean;
  readonly out?: string;
  readonly timing?: boolean;
  readonly jobs?: number;
}

/** The process that it runs in. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  draw(text: string): void;
  conceal(secrets: readonly string[]): void;
}

export interface Done {
  /** Rows of columns, for people. */
  readonly tables: readonly (readonly string[])[][];
  /** What else there is to say. */
  readonly talk: readonly string[];
  /** One line for each thing that went wrong. */
  readonly problems: readonly string[];
  readonly json: string;
}

/** Throws what concerns all clips: ERR_USAGE, ERR_CONFIG_*, ERR_TRUTH_INVALID, ERR_FFMPEG_MISSING. */
export async function backtest(
  files: readonly string[],
  options: BacktestOptions,
  around: Surroundings,
): Promise<Done> {
  const site = await siteOf(options, around);
  const base = settingsOf(site.raw, options.set);
  const grid = options.sweep ? gridOf(base, options.sweep) : [];
  if (grid.length > MAX_VARIANTS) throw tooMany(grid.length);
  const truthFile = options.truth === undefined ? undefined : await readTruth(options.truth);
  const labelled = options.writeTruth === undefined ? undefined : await readTruth(options.writeTruth, true);
  const clips = nameClips(files, truthFile);
  const run: Backtest = {
    clips,
    variants: [base, ...grid.map(({ settings }) => settings)],
    truthFile: truthFile?.file,
    build: await findFfmpeg(site.ffmpegPath),
    wantsDetail: options.out !== undefined,
    inference: site.inference,
    timing: options.timing ?? false,
    replay: replayInProcess,
    atOnce: options.jobs ?? Math.min(availableParallelism(), site.inference?.concurrency ?? Number.POSITIVE_INFINITY),
    onProgress: (done, fraction) =>
      around.draw(`${done} of ${clips.length} clips done, ${Math.floor(100 * fraction)} %`),
  };
  const tuned = options.tune ? await tuneOn(run, base, around) : undefined;
  const isBetter = tuned !== undefined && tuned.changes.length > 0 && tuned.holds;
  const used = isBetter ? tuned.settings : base;
  const verdicts = await runBacktest({ ...run, variants: [used, ...run.variants.slice(1)] }, around.signal);
  around.draw('');
  const report = reportOf({
    verdicts,
    settings: used,
    grid,
    inference: site.inference,
    timing: run.timing,
    tune: tuned && tuneReport(tuned),
  });
  const stray = truthFile ? strayEntries(clips, truthFile) : [];
  const tuning = tuned ? tuneTalk(tuned, options.write ?? false) : [];
  const talk = [...notesOf(report), ...tuning];
  const json = `${JSON.stringify(report, null, 2)}\n`;
  if (options.out !== undefined) {
    await writeReport(options.out, json, page({ report, verdicts, settings: used, camera: options.camera, tuning }));
    talk.push(`wrote ${join(options.out, 'report.html')} and report.json`);
  }
  if (labelled) talk.push(await writeTruth(labelled, report, used.camera.motion.closeDelay));
  if (options.write && options.camera !== undefined && site.file !== undefined && isBetter) {
    // The best is best together with what was set for this run.
    const changes = [...(options.set ?? []), ...tuned.changes];
    await setCamera(site.file, options.camera, changes);
    talk.push(`changed camera ${options.camera} in ${site.file}: ${nameOf(namesOf(changes))}`);
  }
  return {
    tables: tablesOf(report, verdicts, tuned),
    talk,
    problems: [...Object.values(report.failed), ...stray],
    json,
  };
}

function notesOf({ clips, total }: Report): string[] {
  const byTime =
    total.frames_by_time > 0 ? [`${total.frames_by_time} more frames are sent because of trigger.every`] : [];
  const ofClips = Object.entries(clips).flatMap(([name, { notes }]) => notes.map((note) => `${name}: ${note}`));
  return [...ofClips, ...byTime];
}

function tablesOf(report: Report, verdicts: readonly ClipVerdict[], tuned: Tuned | undefined): string[][][] {
  const cpu = new Map(
    verdicts.flatMap((verdict) =>
      'judged' in verdict ? [[verdict.clip.name, verdict.judged[0]?.outcome.cpuSeconds ?? 0] as const] : [],
    ),
  );
  const events = eventLines(report);
  const asked = Object.entries(report.clips).flatMap(([name, { inference }]) =>
    inference
      ? [
          [
            `${name}:`,
            `${inference.sent} frames sent, ${inference.answered} answered, ${inference.for_nothing} of them for nothing, ${inference.sent - inference.answered} unknown`,
          ],
        ]
      : [],
  );
  return [
    clipRows(report, cpu),
    ...(report.sweep ? [sweepRows(report.total, report.sweep)] : []),
    ...(tuned ? [tuneRows(tuned)] : []),
    ...(asked.length > 0 ? [asked] : []),
    ...(events.length > 0 ? [[['events found:'], ...events.map((line) => [`  ${line}`])]] : []),
  ];
}

async function tuneOn(run: Backtest, base: Settings, around: Surroundings): Promise<Tuned> {
  const clips = run.clips.filter(({ truth, problem }) => truth !== undefined && problem === undefined);
  if (clips.length === 0) {
    throw new FramegateError('ERR_USAGE', '--tune needs clips with truth, and none has', {
      hint: 'see that the names in the truth file are those of the clips',
      retryable: false,
    });
  }
  let told = '';
  const draw: Backtest['onProgress'] = (_, fraction) => around.draw(`${told}, ${Math.floor(100 * fraction)} %`);
  return tune(
    base,
    clips.length,
    async (variants) => {
      const settings = { ...run, clips, variants, wantsDetail: false, inference: undefined, onProgress: draw };
      const verdicts = await runBacktest(settings, around.signal);
      const sound = verdicts.flatMap((verdict) => ('judged' in verdict ? [verdict.judged] : []));
      return variants.map((_, index) => sound.flatMap((judged) => judged[index]?.figures ?? []));
    },
    (round, candidates) => {
      told = `tuning, round ${round}: ${candidates} candidates`;
      around.draw(told);
    },
  );
}

async function writeReport(folder: string, json: string, html: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'report.json'), json);
  await writeFile(join(folder, 'report.html'), html);
}

function tooMany(count: number): FramegateError {
  return new FramegateError('ERR_USAGE', `--sweep makes ${count} sets of settings`, {
    hint: `at most ${MAX_VARIANTS} are compared at once: give fewer values`,
    retryable: false,
  });
}
