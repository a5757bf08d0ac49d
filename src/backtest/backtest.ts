/**
 * A whole backtest: clips and sets of settings in, figures out.
 */
import type { FfmpegBuild } from '../ffmpeg/build.ts';
import type { InferenceConfig } from '../inference/config.ts';
import { describeError } from '../lib/errors.ts';
import type { NamedClip } from './clips.ts';
import type { ClipOutcome } from './detail.ts';
import type { ClipJob } from './replay.ts';
import { type Judged, judge } from './report.ts';
import { type OnProgress, type ReplayClip, runClips } from './run-clips.ts';
import type { Settings } from './settings.ts';
import { checkLength } from './truth.ts';

export interface Backtest {
  readonly clips: readonly NamedClip[];
  /** The first one is looked at in detail. */
  readonly variants: readonly Settings[];
  readonly truthFile: string | undefined;
  readonly build: FfmpegBuild;
  readonly wantsDetail: boolean;
  readonly inference: InferenceConfig | undefined;
  /** Tell CPU time. */
  readonly timing: boolean;
  readonly replay: ReplayClip;
  readonly atOnce: number;
  readonly onProgress: OnProgress;
}

/** What came of one clip: how it was judged with each set of settings, or why not. */
export type ClipVerdict =
  | { readonly clip: NamedClip; readonly judged: readonly Judged[] }
  | { readonly clip: NamedClip; readonly problem: string };

export async function runBacktest(backtest: Backtest, signal: AbortSignal): Promise<readonly ClipVerdict[]> {
  const groups = groupByHeight(backtest.variants);
  const sound = backtest.clips.filter(({ problem }) => problem === undefined);
  const jobs = sound.flatMap((clip) =>
    groups.map((group, index): ClipJob => {
      const isFirst = index === 0;
      return {
        file: clip.file,
        build: backtest.build,
        variants: group.map((variant) => backtest.variants[variant]?.camera).filter((camera) => camera !== undefined),
        truth: clip.truth,
        wantsDetail: isFirst && backtest.wantsDetail,
        inference: isFirst ? backtest.inference : undefined,
      };
    }),
  );
  const results = await runClips(
    jobs,
    backtest.replay,
    {
      atOnce: backtest.atOnce,
      onProgress: (done, fraction) => backtest.onProgress(Math.floor(done / groups.length), fraction),
    },
    signal,
  );
  return backtest.clips.map((clip): ClipVerdict => {
    if (clip.problem !== undefined) return { clip, problem: clip.problem };
    const start = sound.indexOf(clip) * groups.length;
    const own = results.slice(start, start + groups.length);
    const judged: Judged[] = [];
    try {
      for (const [index, result] of own.entries()) {
        if ('error' in result) throw result.error;
        check(backtest, clip, result.outcome);
        for (const [place, variant] of (groups[index] ?? []).entries()) {
          const run = result.outcome.runs[place];
          if (run) judged[variant] = judge(result.outcome, run, clip.truth, backtest.timing);
        }
      }
    } catch (error) {
      return { clip, problem: describeError(error) };
    }
    return { clip, judged };
  });
}

function check({ truthFile }: Backtest, { name, truth }: NamedClip, { seconds }: ClipOutcome): void {
  if (truthFile && truth) checkLength(truthFile, name, truth, seconds);
}

/** Places of the variants, those together that can share what is decoded. The first one is in the first group. */
function groupByHeight(variants: readonly Settings[]): readonly (readonly number[])[] {
  const groups = new Map<number, number[]>();
  for (const [index, { camera }] of variants.entries()) {
    groups.set(camera.decode.height, [...(groups.get(camera.decode.height) ?? []), index]);
  }
  return [...groups.values()];
}
