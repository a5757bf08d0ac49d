/**
 * Truth files: what is really to be seen in recorded clips.
 *
 * `{"front.mp4": {"motion": [[5.7, 19.5]], "ignore": [[4.0, 5.0]]}}`, in seconds from the first frame.
 */
import { basename } from 'node:path';
import { z } from 'zod';
import { FramegateError } from '../lib/errors.ts';

/** `[start, end]` in seconds from the first frame. */
export type Interval = readonly [start: number, end: number];

export interface Truth {
  /** When something that matters moves, in order. */
  readonly motion: readonly Interval[];
  /** What is not scored, in order. */
  readonly ignore: readonly Interval[];
}

/** Read by eye, or of another player's clock: an interval may end this many seconds after the clip. */
const BEYOND = 1;

const interval = z.tuple([z.number(), z.number()], 'expected [start, end] in seconds');
const entry = z.strictObject({
  motion: z.array(interval, 'expected a list of intervals'),
  ignore: z.array(interval, 'expected a list of intervals').default([]),
});

/** The entries of a truth file, not checked one by one yet. Throws ERR_TRUTH_INVALID for what is no truth file at all. */
export function parseTruth(file: string, text: string): ReadonlyMap<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw wrong(file, `is no JSON (${cause instanceof Error ? cause.message : cause})`, EXPECTED, cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrong(file, 'has no clips', EXPECTED);
  }
  return new Map(Object.entries(value));
}

/** One entry, checked by itself. Throws ERR_TRUTH_INVALID. */
export function checkTruth(file: string, clip: string, value: unknown): Truth {
  const parsed = entry.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw wrong(file, `${clip}${path(issue?.path ?? [])}: ${issue?.message}`, EXPECTED);
  }
  for (const [name, intervals] of Object.entries(parsed.data)) checkIntervals(file, `${clip}.${name}`, intervals);
  return parsed.data;
}

function checkIntervals(file: string, where: string, intervals: readonly Interval[]): void {
  for (const [index, [start, end]] of intervals.entries()) {
    if (start < 0)
      throw wrong(file, `${where}: [${start}, ${end}] begins before the clip`, 'count from its first frame');
    if (end <= start)
      throw wrong(file, `${where}: [${start}, ${end}] is reversed`, 'write the start first, then the end');
    const before = intervals[index - 1];
    if (before && start < before[1]) {
      const pair = `[${before.join(', ')}] and [${start}, ${end}]`;
      const isOrder = start < before[0];
      throw wrong(
        file,
        `${where}: ${pair} ${isOrder ? 'are out of order' : 'overlap'}`,
        isOrder ? 'sort them by start' : 'make one interval of them',
      );
    }
  }
}

/** Throws ERR_TRUTH_INVALID if something is said about what lies beyond the clip. */
export function checkLength(file: string, clip: string, truth: Truth, seconds: number): void {
  for (const [name, intervals] of Object.entries(truth) as [string, readonly Interval[]][]) {
    const beyond = intervals.find(([, end]) => end > seconds + BEYOND);
    if (!beyond) continue;
    throw wrong(
      file,
      `${clip}.${name}: [${beyond.join(', ')}] lies beyond the end of the clip, ${seconds.toFixed(1)}s`,
      'correct the interval, or see whether the clip is complete',
    );
  }
}

/** The entry of a clip: by its path as given, or by its name. */
export function truthKey(entries: ReadonlyMap<string, unknown>, clip: string): string | undefined {
  return [clip, basename(clip)].find((key) => entries.has(key));
}

/**
 * The text of a truth file with the events that were found, for its owner to strike out what is wrong. Entries that it has are kept as they are.
 * @returns the names of the clips that were added.
 */
export function withEvents(
  entries: ReadonlyMap<string, unknown>,
  found: ReadonlyMap<string, readonly Interval[]>,
): { readonly text: string; readonly added: readonly string[] } {
  const added = [...found.keys()].filter((clip) => !entries.has(clip));
  const all = [...entries, ...added.map((clip) => [clip, { motion: found.get(clip) ?? [], ignore: [] }] as const)];
  const lines = all.map(([clip, value]) => `  ${JSON.stringify(clip)}: ${oneLine(value)}`);
  return { text: `{\n${lines.join(',\n')}\n}\n`, added };
}

/** As JSON on one line, with spaces after commas and colons. */
function oneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, inner]) => `${JSON.stringify(key)}: ${oneLine(inner)}`)
    .join(', ')}}`;
}

const EXPECTED = 'expected {"front.mp4": {"motion": [[5.7, 19.5]], "ignore": []}}';

const path = (keys: readonly PropertyKey[]) =>
  keys.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');

export function wrong(file: string, what: string, hint: string, cause?: unknown): FramegateError {
  return new FramegateError('ERR_TRUTH_INVALID', `${file}: ${what}`, { hint, retryable: false, cause });
}
