/**
 * Figures as rows of text, for a terminal.
 */
import type { Figures, Report, SweepRow } from './report.ts';

const HEADING = [
  'length',
  'truth',
  'events',
  'hits',
  'missed',
  'false',
  'false/h',
  'onset',
  'p95',
  'frames',
  'decoded',
  'sent',
  'outside',
];

/** One row per clip, and one for all of them. */
export function clipRows(report: Report, cpu: ReadonlyMap<string, number>): string[][] {
  const seconds = [...cpu.values()].reduce((sum, one) => sum + one, 0);
  return [
    ['clip', ...HEADING, 'cpu'],
    ...Object.entries(report.clips).map(([name, figures]) => [name, ...columns(figures), cpuOf(cpu.get(name))]),
    ...(Object.keys(report.clips).length > 1 ? [['total', ...columns(report.total), cpuOf(seconds)]] : []),
  ];
}

/** One row per set of settings. */
export function sweepRows(base: Figures, rows: readonly SweepRow[]): string[][] {
  return [
    ['settings', ...HEADING],
    ['as they are', ...columns(base)],
    ...rows.map(({ settings, total }) => [nameOf(settings), ...columns(total)]),
  ];
}

export function nameOf(settings: Readonly<Record<string, unknown>>): string {
  const parts = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  return parts.length === 0 ? 'as they are' : parts.join(' ');
}

/** `front.mp4  5.7-19.5  22.7-44.8`: what a person would label. */
export function eventLines(report: Report): string[] {
  return Object.entries(report.clips).flatMap(([name, { truth_events, event_times }]) => {
    if (truth_events !== null) return [];
    const times = event_times.map(([start, end]) => `${start.toFixed(1)}-${end.toFixed(1)}`);
    return [`${name}: ${times.length === 0 ? 'no events' : times.join('  ')}`];
  });
}

function columns(figures: Figures): string[] {
  const { onset_delay_s: onset } = figures;
  return [
    clock(figures.seconds),
    count(figures.truth_events),
    count(figures.events),
    count(figures.hits),
    count(figures.misses),
    count(figures.false_events),
    figures.false_events_per_hour === null ? '-' : figures.false_events_per_hour.toFixed(1),
    delay(onset?.median),
    delay(onset?.p95),
    count(figures.frames),
    count(figures.frames_decoded),
    count(figures.frames_triggered),
    count(figures.frames_triggered_outside_truth),
  ];
}

/** `1:02:03`, `2:03`. */
export function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

const count = (value: number | null) => (value === null ? '-' : String(value));
const delay = (seconds: number | null | undefined) => (typeof seconds === 'number' ? `${seconds.toFixed(2)}s` : '-');
const cpuOf = (seconds: number | undefined) => (seconds === undefined ? '-' : `${seconds.toFixed(1)}s`);
