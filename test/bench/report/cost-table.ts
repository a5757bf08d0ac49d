import type { Result } from '../rows/result.ts';
import { figure, type Table } from './table.ts';

const HEAD = [
  'row',
  'subject',
  'cameras',
  'CPU s/min',
  '/full',
  '/motion',
  '/copy',
  'cores',
  'PSS MB/cam',
  'processes',
  'load',
  'notes',
];

/** CPU of `result` as a multiple of what `subject` took beside it. */
export function ratio(result: Result, subject: Result['subject'], all: readonly Result[]): number | undefined {
  const others = all.filter((candidate) => candidate.subject === subject && candidate.beside === result.beside);
  const other = others.find(({ row }) => row === result.row) ?? others[0];
  if (!other?.perMinute || result.perMinute === undefined) return undefined;
  return result.perMinute / other.perMinute;
}

export function costTable(results: readonly Result[], all: readonly Result[]): Table {
  const rows = results.map((result) => [
    result.row,
    result.subject,
    String(result.cameras),
    figure(result.perMinute, 3),
    figure(ratio(result, 'full', all), 3),
    figure(ratio(result, 'motion', all), 3),
    figure(ratio(result, 'copy', all), 1),
    figure(result.cores, 3),
    figure(pssPerCamera(result), 1),
    figure(result.cost?.processes, 0),
    figure(result.load, 1),
    notes(result),
  ]);
  return { title: 'Cost: CPU seconds of all processes per stream-minute', head: HEAD, rows };
}

/** Megabytes of all processes for each camera. */
export function pssPerCamera({ cost, cameras }: Result): number | undefined {
  return cost && cost.pssBytes / 1e6 / cameras;
}

function notes({ cost, status, lostSessions, droppedFrames, pictures }: Result): string {
  if (!cost) return 'ended or lost its camera before the end: see its log';
  const states = Object.values(status);
  if (states.length === 0) return '';
  const open = states.filter(({ gate }) => gate === 'open').length;
  return `${lostSessions} sessions lost, ${droppedFrames} frames dropped, ${open} gates open, ${pictures} pictures`;
}

const REST_HEAD = [
  'row',
  'subject',
  'CPU s/min',
  'node',
  'lasting ffmpeg',
  'short-lived',
  'copy s/min',
  'cameras trusted',
  'wakes/min',
  'why',
  'in vain/min',
  'motion frames/min',
  'packets of the first camera',
];

/**
 * Where the time of gateways goes, per camera, and what kept them from sleeping. A lasting ffmpeg decodes the keyframes of all idle cameras or
 * belongs to a camera that was awake all the time; short-lived ones are wakes and pictures.
 */
export function restTable(results: readonly Result[], all: readonly Result[]): Table {
  const gateways = results.filter(({ status, cost }) => cost && Object.keys(status).length > 0);
  const rows = gateways.map((result) => {
    const { cost, cameras } = result;
    const perMinute = (count: number) => (count * 60) / (cost?.seconds ?? 60) / cameras;
    const program = (name: string) => figure(perMinute(cost?.byProgram[name] ?? 0), 3);
    const copy = all.find(({ row, subject }) => row === result.row && subject === 'copy');
    const wakes = Object.entries(result.wakes).filter(([, count]) => count > 0);
    return [
      result.row,
      result.subject,
      figure(result.perMinute, 3),
      program('node'),
      program('ffmpeg'),
      program('short-lived'),
      figure(copy?.perMinute, 3),
      `${result.trusted} of ${cameras}`,
      figure(perMinute(wakes.reduce((sum, [, count]) => sum + count, 0))),
      wakes.map(([reason, count]) => `${reason} ${count}`).join(', '),
      figure(perMinute(result.wakesInVain)),
      figure(perMinute(result.seen), 0),
      Object.values(result.status)[0]?.decode?.packets ?? '',
    ];
  });
  return { title: 'What the rest is: CPU seconds per stream-minute, by process', head: REST_HEAD, rows };
}
