import type { Change } from '../config/edit.ts';
import type { InferenceConfig } from '../inference/config.ts';
import { packageVersion } from '../lib/version.ts';
import type { ClipVerdict } from './backtest.ts';
import { clipFigures, type Figures, type Report, totalOf } from './report.ts';
import { hashOf, type Settings } from './settings.ts';
import type { Variant } from './sweep.ts';

export interface ReportParts {
  readonly verdicts: readonly ClipVerdict[];
  /** The settings that the clips are looked at with in detail, and those beside them. */
  readonly settings: Settings;
  readonly grid: readonly Variant[];
  readonly inference: InferenceConfig | undefined;
  readonly timing: boolean;
  readonly tune: unknown;
}

/** Puts report.json together. */
export function reportOf({ verdicts, settings, grid, inference, timing, tune }: ReportParts): Report {
  const sound = verdicts.flatMap((verdict) => ('judged' in verdict ? [verdict] : []));
  const failed = verdicts.flatMap((verdict) => ('problem' in verdict ? [[verdict.clip.name, verdict.problem]] : []));
  const asked = inference && { model: inference.model, confidence: inference.confidence };
  const totalAt = (place: number): Figures =>
    totalOf(
      sound.flatMap(({ judged }) => judged[place] ?? []),
      timing,
    );
  return {
    version: packageVersion(),
    config_hash: hashOf(settings, asked),
    clips: Object.fromEntries(
      sound.flatMap(({ clip, judged: [first] }) => (first ? [[clip.name, clipFigures(first, clip.truth)]] : [])),
    ),
    total: totalAt(0),
    failed: Object.fromEntries(failed),
    ...(grid.length > 0 && {
      sweep: grid.map(({ changes, settings: own }, index) => ({
        settings: namesOf(changes),
        config_hash: hashOf(own, asked),
        total: totalAt(index + 1),
      })),
    }),
    ...(tune !== undefined && { tune }),
  };
}

/** Changes as `key: value`. */
export const namesOf = (changes: readonly Change[]) =>
  Object.fromEntries(changes.map(({ path, value }) => [path.join('.'), value ?? null]));
