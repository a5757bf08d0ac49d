/**
 * The clips of a backtest with their truth, and what is wrong with either.
 */
import { basename } from 'node:path';
import { nearest } from '../config/suggest.ts';
import { describeError } from '../lib/errors.ts';
import { checkTruth, type Truth, truthKey, wrong } from './truth.ts';

export interface TruthFile {
  readonly file: string;
  readonly entries: ReadonlyMap<string, unknown>;
}

export interface NamedClip {
  /** Its file name; its path as given where two have the same name. */
  readonly name: string;
  readonly file: string;
  readonly truth: Truth | undefined;
  /** Why it cannot be scored. */
  readonly problem: string | undefined;
}

export function nameClips(files: readonly string[], truthFile: TruthFile | undefined): readonly NamedClip[] {
  const unique = [...new Set(files)];
  return unique.map((file) => {
    const name = unique.some((other) => other !== file && basename(other) === basename(file)) ? file : basename(file);
    const key = truthFile && truthKey(truthFile.entries, file);
    if (!truthFile || key === undefined) return { name, file, truth: undefined, problem: undefined };
    try {
      return { name, file, truth: checkTruth(truthFile.file, key, truthFile.entries.get(key)), problem: undefined };
    } catch (error) {
      return { name, file, truth: undefined, problem: describeError(error) };
    }
  });
}

/**
 * Entries of the truth file that belong to no clip. That is a mistake where a clip has no entry, as its name will have been misspelt; else the file
 * is about more clips than these.
 */
export function strayEntries(clips: readonly NamedClip[], { file, entries }: TruthFile): readonly string[] {
  const used = new Set(clips.map((clip) => truthKey(entries, clip.file)));
  const strays = [...entries.keys()].filter((key) => !used.has(key));
  const bare = clips.filter((clip) => truthKey(entries, clip.file) === undefined).map(({ name }) => name);
  if (bare.length === 0) return [];
  return strays.map((key) => {
    const meant = nearest(key, bare);
    const hint = meant ? `did you mean ${meant}?` : `clips without an entry are ${bare.join(', ')}`;
    return describeError(wrong(file, `${key} is none of the clips`, hint));
  });
}
