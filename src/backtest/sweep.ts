import type { Change } from '../config/edit.ts';
import { type Settings, settingsOf } from './settings.ts';

/** A key and the values that it is tried with. */
export interface Axis {
  readonly path: readonly string[];
  readonly values: readonly unknown[];
}

/** One point of the grid. */
export interface Variant {
  /** What it changes: `motion.threshold=20`. */
  readonly name: string;
  readonly changes: readonly Change[];
  readonly settings: Settings;
}

/** More than this is a mistake in most cases, and a day's work in the others. */
export const MAX_VARIANTS = 500;

/** Every combination of the values of all axes. Throws ERR_USAGE for a value that is none. */
export function gridOf(base: Settings, axes: readonly Axis[]): readonly Variant[] {
  const combinations = axes.reduce<readonly (readonly Change[])[]>(
    (grid, { path, values }) => grid.flatMap((changes) => values.map((value) => [...changes, { path, value }])),
    [[]],
  );
  return combinations.map((changes) => variantOf(base, changes, '--sweep'));
}

export function variantOf(base: Settings, changes: readonly Change[], option: string): Variant {
  const name = changes
    .map(({ path, value }) => `${path.join('.')}=${value === undefined ? '(unset)' : value}`)
    .join(' ');
  return { name, changes, settings: settingsOf(base.raw, changes, option) };
}
