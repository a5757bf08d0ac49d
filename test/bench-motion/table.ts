import { quantile } from '../../src/backtest/score.ts';
import type { Score } from './score.ts';

/** One line per film, one group of columns per detector. */
export function line(name: string, scores: readonly Score[]): string {
  return [name.padEnd(34), ...scores.map(columns)].join(' | ');
}

export function heading(names: readonly string[]): string {
  const titles = names.map(() => 'hit   false  out%  rec%  delay   ms');
  const width = titles[0]?.length ?? 0;
  return [
    [' '.repeat(34), ...names.map((name) => name.padEnd(width))].join(' | '),
    ['film'.padEnd(34), ...titles].join(' | '),
  ].join('\n');
}

function columns(score: Score): string {
  const percent = (part: number, whole: number) => (whole === 0 ? '-' : ((100 * part) / whole).toFixed(1)).padStart(5);
  const delay = quantile(score.onsetDelays, 0.5)?.toFixed(2) ?? '-';
  return [
    `${score.hits}/${score.truthEvents}`.padEnd(5),
    String(score.falseEvents).padStart(5),
    percent(score.outside, score.triggered),
    percent(score.seen, score.inside),
    delay.padStart(5),
    (score.cpuMs / Math.max(1, score.frames)).toFixed(2).padStart(5),
  ].join(' ');
}
