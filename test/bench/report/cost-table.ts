import type { Result } from '../rows/result.ts';
import { figure, table } from './table.ts';

const HEAD = [
  'row',
  'subject',
  'cameras',
  's',
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

/** CPU of `result` as a multiple of what `subject` took in the same row. */
export function ratio(result: Result, subject: Result['subject'], all: readonly Result[]): number | undefined {
  const other = all.find((candidate) => candidate.row === result.row && candidate.subject === subject);
  if (!other?.perMinute || result.perMinute === undefined) return undefined;
  return result.perMinute / other.perMinute;
}

export function costTable(results: readonly Result[], all: readonly Result[]): string {
  const rows = results.map((result) => [
    result.row,
    result.subject,
    String(result.cameras),
    figure(result.cost?.seconds, 0),
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
  return table(HEAD, rows);
}

/** Megabytes of all processes for each camera. */
export function pssPerCamera({ cost, cameras }: Result): number | undefined {
  return cost && cost.pssBytes / 1e6 / cameras;
}

function notes({ cost, cameras, status, lostSessions, droppedFrames, pictures }: Result): string {
  if (!cost) return 'ended or lost its camera before the end: see its log';
  const states = Object.values(status);
  if (states.length === 0) return '';
  const open = states.filter(({ gate }) => gate === 'open').length;
  const parts = Object.entries(cost.byProgram).map(([name, seconds]) => {
    return `${name} ${figure((seconds * 60) / cost.seconds / cameras)}`;
  });
  return `${parts.join(' + ')}; ${lostSessions} sessions lost, ${droppedFrames} frames dropped, ${open} gates open, ${pictures} pictures`;
}
