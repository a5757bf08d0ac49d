import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createFile, replaceFile } from '../config/write-file.ts';
import { FramegateError } from '../lib/errors.ts';
import type { TruthFile } from './clips.ts';
import type { Report } from './report.ts';
import { type Interval, parseTruth, withEvents } from './truth.ts';

/** Throws ERR_TRUTH_INVALID. */
export async function readTruth(file: string, mayBeMissing = false): Promise<TruthFile> {
  if (mayBeMissing && !existsSync(file)) return { file, entries: new Map() };
  try {
    return { file, entries: parseTruth(file, await readFile(file, 'utf8')) };
  } catch (cause) {
    if (cause instanceof FramegateError) throw cause;
    throw new FramegateError('ERR_TRUTH_INVALID', `${file} cannot be read`, {
      hint: 'see whether the path is right and you may read it',
      retryable: false,
      cause,
    });
  }
}

/** Adds the events of clips that the file does not know yet. Says what was done. */
export async function writeTruth({ file, entries }: TruthFile, report: Report, closeDelay: number): Promise<string> {
  const found = new Map(
    Object.entries(report.clips).map(([name, { event_times, seconds }]) => [
      name,
      event_times.map((event) => movingPart(event, seconds, closeDelay / 1000)),
    ]),
  );
  const { text, added } = withEvents(entries, found);
  await (existsSync(file) ? replaceFile(file, text) : createFile(file, text, false));
  const kept = entries.size > 0 ? `, kept ${entries.size} that it had` : '';
  return `wrote ${file}: ${added.length} clips added${kept}; strike out the intervals in which nothing that matters moves`;
}

/** An event without the delay after which the gate closes: when something moved. In tenths of a second, as people label. */
function movingPart([start, end]: Interval, length: number, closeDelay: number): Interval {
  const moved = end < length ? Math.max(start + 0.2, end - closeDelay) : end;
  return [Math.floor(start * 10) / 10, Math.min(Math.ceil(moved * 10), Math.floor(length * 10)) / 10];
}
