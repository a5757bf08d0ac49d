import type { EventsResult } from '../rows/events.ts';
import type { FoundEvent } from '../rows/match.ts';
import { KINDS, type KindName } from '../streams/kinds.ts';
import { figure, median, type Table } from './table.ts';

const HEAD = [
  'stream',
  'mode',
  'trusted',
  'expected',
  'found',
  'missed, s long',
  'false',
  'told after s: median',
  'worst',
  'first frame after truth s: median',
  'worst',
  'after always s: worst',
  'wakes',
];

export function eventsTable(results: readonly EventsResult[]): Table {
  const rows = results.map((result) => {
    const { kind, mode, trusted, match } = result;
    const told = defined(match.events.map(({ toldAfter }) => toldAfter));
    const onset = defined(match.events.map(({ firstFrame, start }) => firstFrame && firstFrame - start));
    const adaptive = mode === 'auto';
    return [
      kind,
      mode,
      adaptive ? trustOf(trusted) : '',
      adaptive ? (EXPECTED_TRUST.includes(kind) ? 'trusted' : 'not') : '',
      foundOf(match.events),
      missedLengths(match.events.filter(({ found }) => !found)) || '-',
      String(match.falseOpens),
      figure(median(told)),
      figure(Math.max(...told)),
      figure(median(onset)),
      figure(Math.max(...onset)),
      figure(Math.max(...latenessOf(result, results))),
      adaptive ? wakesOf(result) : '',
    ];
  });
  return { title: 'Events: found, and when', head: HEAD, rows };
}

/** Streams on which packets should be trusted after learning; the verdict rests on what the gateway says. */
const EXPECTED_TRUST: readonly KindName[] = ['vbr', 'vbr-g15', 'vbr-g150', 'sub'];

function trustOf({ before, after }: EventsResult['trusted']): string {
  if (before === after) return before ? 'yes' : 'no';
  return before ? 'lost' : 'won';
}

function wakesOf({ statuses }: EventsResult): string {
  const [before, after] = statuses.map((status) => status?.decode);
  const wakes = Object.entries(after?.wakes ?? {}).map(([reason, count]) => {
    const earlier = before?.wakes as Readonly<Record<string, number>> | undefined;
    return [reason, count - (earlier?.[reason] ?? 0)] as const;
  });
  const vain = (after?.wakesInVain ?? 0) - (before?.wakesInVain ?? 0);
  const told = wakes.filter(([, count]) => count > 0).map(([reason, count]) => `${reason} ${count}`);
  return [...told, `in vain ${vain}`].join(', ');
}

export function foundOf(events: readonly FoundEvent[]): string {
  return `${events.filter(({ found }) => found).length}/${events.length}`;
}

export function missedLengths(events: readonly FoundEvent[]): string {
  return events.map(({ seconds }) => String(Number(seconds.toFixed(1)))).join(' ');
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

/** Each event that was found, with its delays, for plots and for those who want to know which. */
export function eachEvent(results: readonly EventsResult[]): Table {
  const rows = results.flatMap((result) => {
    const { kind, mode, match } = result;
    const reference = always(kind, results)?.match.events ?? [];
    return match.events.map(({ start, seconds, found, firstFrame, toldAfter }, index) => {
      const other = reference[index]?.firstFrame;
      const gop = KINDS[kind].gop / KINDS[kind].fps;
      return [
        kind,
        mode,
        figure(start, 1),
        figure(seconds, 1),
        figure(start % gop, 1),
        found ? 'yes' : 'no',
        figure(firstFrame && firstFrame - start),
        figure(firstFrame === undefined || other === undefined ? undefined : firstFrame - other),
        figure(toldAfter),
      ];
    });
  });
  const head = ['stream', 'mode', 'at s', 'long s', 'in GOP s', 'found', 'first frame s', 'after always s', 'told s'];
  return { title: 'Each event', head, rows };
}

function always(kind: KindName, all: readonly EventsResult[]): EventsResult | undefined {
  return all.find((candidate) => candidate.kind === kind && candidate.mode === 'always');
}

const defined = (values: ReadonlyArray<number | undefined>) => values.filter((value) => value !== undefined);
