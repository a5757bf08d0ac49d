/**
 * The targets of adaptive decode, beside what was measured.
 */
import type { EventsResult } from '../rows/events.ts';
import type { Result } from '../rows/result.ts';
import { KINDS } from '../streams/kinds.ts';
import { pssPerCamera, ratio } from './cost-table.ts';
import { foundOf, latenessOf, missedLengths, missedOf } from './events-table.ts';
import { figure, median, type Table } from './table.ts';

interface Target {
  readonly what: string;
  readonly row: string;
  /** Undefined: told without a limit. */
  readonly atMost?: number;
  readonly measured: (result: Result, all: readonly Result[]) => number | undefined;
}

const toFull = (result: Result, all: readonly Result[]) => ratio(result, 'full', all);
const toMotion = (result: Result, all: readonly Result[]) => ratio(result, 'motion', all);
const toCopy = (result: Result, all: readonly Result[]) => ratio(result, 'copy', all);

const TARGETS: readonly Target[] = [
  { what: 'idle / full decode, packets trusted', row: 'idle-vbr', atMost: 0.1, measured: toFull },
  { what: 'idle / full decode, packets trusted, GOP 10 s', row: 'idle-vbr-g150', atMost: 0.1, measured: toFull },
  { what: 'idle / full decode, strict CBR', row: 'idle-cbr', atMost: 0.2, measured: toFull },
  { what: 'idle / full decode, night', row: 'idle-night', atMost: 0.2, measured: toFull },
  { what: 'idle / full decode, tree in the wind', row: 'idle-nuisance-tree', atMost: 0.25, measured: toFull },
  { what: 'idle / full decode, clock in the picture', row: 'idle-nuisance-clock', atMost: 0.25, measured: toFull },
  { what: 'idle / motion', row: 'idle-vbr', atMost: 0.1, measured: toMotion },
  { what: 'idle / bare receiving', row: 'idle-vbr', atMost: 4, measured: toCopy },
  { what: 'busy / full decode, one camera and all of the gateway', row: 'busy-vbr', atMost: 1.15, measured: toFull },
  { what: 'busy / full decode, each of four cameras', row: 'busy-vbr-4', atMost: 1.15, measured: toFull },
  {
    what: 'CPU s that a picture for the model adds',
    row: 'busy-vbr-pictures',
    measured: (result, all) => {
      const without = all.find(({ row, subject }) => row === 'busy-vbr' && subject === 'auto');
      if (!without?.perMinute || !result.perMinute || !result.cost) return undefined;
      const perMinute = ((result.pictures - without.pictures) * 60) / result.cost.seconds;
      return (result.perMinute - without.perMinute) / perMinute;
    },
  },
  { what: 'MB per idle camera, 20 cameras', row: 'scale-20', atMost: 10, measured: pssPerCamera },
  { what: 'cores of 20 idle cameras', row: 'scale-20', atMost: 0.12, measured: ({ cores }) => cores },
  {
    what: 'sessions lost, 17 idle and 3 in motion',
    row: 'mixed-20',
    atMost: 0,
    measured: ({ lostSessions }) => lostSessions,
  },
];

/** Cost rows in which the gateway should trust the packets of its cameras. */
const EXPECTED_TRUST = ['idle-vbr', 'idle-vbr-g150', 'scale-20'];

/** The targets of which something was measured; with the adaptive gateway where there is one. */
export function targetTable(results: readonly Result[], events: readonly EventsResult[]): Table {
  const rows = TARGETS.flatMap(({ what, row, atMost, measured }) => {
    const candidates = results.filter((result) => result.row === row);
    const result =
      candidates.find(({ subject }) => subject.startsWith('auto')) ??
      candidates.find(({ subject }) => subject === 'always');
    if (!result) return [];
    const value = measured(result, results);
    const trust = `${result.trusted} of ${result.cameras} trusted`;
    const note = EXPECTED_TRUST.includes(row) && result.trusted < result.cameras ? `only ${trust}` : trust;
    return [[what, row, result.subject, figure(value, 3), limitOf(atMost), verdict(value, atMost), note]];
  });
  const adaptive = events.filter(({ mode }) => mode === 'auto').flatMap((result) => eventTargets(result, events));
  const head = ['target', 'row', 'subject', 'measured', 'limit', 'reached', 'note'];
  return { title: 'Targets', head, rows: [...rows, ...adaptive] };
}

const limitOf = (atMost: number | undefined) => (atMost === undefined ? '' : `<= ${atMost}`);

function verdict(value: number | undefined, atMost: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return 'not measured';
  if (atMost === undefined) return '';
  return value <= atMost + 1e-9 ? 'yes' : 'NO';
}

/** How long nobody may look where packets are not trusted: the default of `decode.maxBlindness`, in seconds. */
const MAX_BLINDNESS_SECONDS = 2;
/** One motion frame, and the jitter of timestamps. */
const ONE_FRAME_SECONDS = 0.25;

/** A decoded frame is at most so many frame intervals old when it reaches motion. */
const MAX_AGE_FRAMES = 2;

/** Of the latest frame that an awake camera gave, in ms. */
const ageOf = ({ statuses }: EventsResult) =>
  Math.max(...statuses.flatMap((status) => status?.decode?.frameAgeMs ?? []));

function eventTargets(result: EventsResult, all: readonly EventsResult[]): string[][] {
  const { kind, mode, match } = result;
  const isTrusted = result.trusted.before;
  const missed = missedOf(result, all);
  const counting = missed.filter(({ seconds }) => isTrusted || seconds > MAX_BLINDNESS_SECONDS);
  const told = match.events.flatMap(({ toldAfter }) => (toldAfter === undefined ? [] : [toldAfter]));
  const trust = isTrusted ? 'trusted' : 'not trusted';
  const line = (what: string, value: number | undefined, atMost: number, note = trust) => {
    return [what, `events-${kind}`, mode, figure(value), limitOf(atMost), verdict(value, atMost), note];
  };
  const which = isTrusted ? 'events' : `events longer than ${MAX_BLINDNESS_SECONDS} s`;
  const found = `${trust}; found ${foundOf(match.events)}${missed.length > 0 ? `, not ${missedLengths(missed)} s` : ''}`;
  return [
    line(`${which} that always found and this missed`, counting.length, 0, found),
    line('first frame later than with always, worst, s', Math.max(...latenessOf(result, all)), ONE_FRAME_SECONDS),
    line('age of a frame at motion, ms', ageOf(result), (MAX_AGE_FRAMES * 1000) / KINDS[kind].fps),
    ...(isTrusted ? [line('told after, median, s', median(told), 0.6)] : []),
    ...(isTrusted ? [line('told after, worst, s', Math.max(...told), KINDS[kind].gop / KINDS[kind].fps)] : []),
  ];
}
