import type { EventsResult } from '../rows/events.ts';
import type { FoundEvent } from '../rows/match.ts';
import type { KindName } from '../streams/kinds.ts';
import { figure, median, table } from './table.ts';

const HEAD = [
  'stream',
  'mode',
  'found',
  'by length in s',
  'false/h',
  'told after s: median',
  'worst',
  'first frame late s: median',
  'worst',
];

export function eventsTable(results: readonly EventsResult[]): string {
  const rows = results.map((result) => {
    const { events, falseOpens, hours } = result.match;
    const told = events.flatMap(({ toldAfter }) => (toldAfter === undefined ? [] : [toldAfter]));
    const late = latenessOf(result, results);
    return [
      result.kind,
      result.mode,
      foundOf(events),
      byLength(events),
      figure(falseOpens / hours, 0),
      figure(median(told)),
      figure(Math.max(...told)),
      figure(median(late)),
      figure(Math.max(...late)),
    ];
  });
  return table(HEAD, rows);
}

export function foundOf(events: readonly FoundEvent[]): string {
  return `${events.filter(({ found }) => found).length}/${events.length}`;
}

/** How much later than with `always` the first triggered frame was captured, for each event that both found, in seconds. */
export function latenessOf(result: EventsResult, all: readonly EventsResult[]): number[] {
  const reference = always(result.kind, all)?.match.events ?? [];
  return result.match.events.flatMap(({ firstFrame }, index) => {
    const other = reference[index]?.firstFrame;
    return firstFrame === undefined || other === undefined || result.mode === 'always' ? [] : [firstFrame - other];
  });
}

/** Events that `always` found and `result` did not. */
export function missedOf(result: EventsResult, all: readonly EventsResult[]): FoundEvent[] {
  const reference = always(result.kind, all)?.match.events ?? [];
  return result.match.events.filter(({ found }, index) => !found && reference[index]?.found === true);
}

function always(kind: KindName, all: readonly EventsResult[]): EventsResult | undefined {
  return all.find((candidate) => candidate.kind === kind && candidate.mode === 'always');
}

function byLength(events: readonly FoundEvent[]): string {
  const lengths = [...new Set(events.map(({ seconds }) => figure(seconds, 1)))].sort((a, b) => Number(a) - Number(b));
  return lengths
    .map((length) => `${Number(length)}: ${foundOf(events.filter(({ seconds }) => figure(seconds, 1) === length))}`)
    .join(' ');
}
