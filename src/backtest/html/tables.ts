import type { Figures, Report } from '../report.ts';
import type { Setting } from '../settings.ts';
import { clock, nameOf } from '../tables.ts';
import { toHtml } from './text.ts';

const HEADING = `<thead><tr><th scope="col">FIRST</th><th scope="col">length</th><th scope="col">truth</th><th scope="col">events</th><th scope="col">hits</th><th scope="col">missed</th><th scope="col">false</th><th scope="col">false/h</th><th scope="col">onset</th><th scope="col">95 %</th><th scope="col">frames</th><th scope="col">decoded</th><th scope="col">sent</th><th scope="col">outside</th></tr></thead>`;

export function clipTable({ clips, total }: Report): string {
  const rows = Object.entries(clips).map(
    ([name, figures], index) =>
      `<tr><th scope="row"><a href="#clip-${index}">${toHtml(name)}</a></th>${cells(figures)}</tr>`,
  );
  const foot = rows.length > 1 ? `<tfoot><tr><th scope="row">total</th>${cells(total)}</tr></tfoot>` : '';
  return wide('Figures of the clips', `${HEADING.replace('FIRST', 'clip')}<tbody>${rows.join('')}</tbody>${foot}`);
}

export function sweepTable({ sweep, total }: Report): string {
  if (!sweep) return '';
  const rows = [{ settings: {}, total }, ...sweep].map(
    (row) => `<tr><th scope="row"><code>${toHtml(nameOf(row.settings))}</code></th>${cells(row.total)}</tr>`,
  );
  const table = wide(
    'Figures of the settings',
    `${HEADING.replace('FIRST', 'settings')}<tbody>${rows.join('')}</tbody>`,
  );
  return `<section class="card"><h2>Settings side by side</h2>${table}</section>`;
}

export function settingsTable(settings: readonly Setting[]): string {
  const rows = settings.map(
    ({ key, value, isDefault }) =>
      `<tr><th scope="row"><code>${toHtml(key)}</code></th><td>${toHtml(value)}</td><td>${isDefault ? '' : '<span class="badge">changed</span>'}</td></tr>`,
  );
  return `<div class="scroll" tabindex="0" role="region" aria-label="Settings"><table class="settings"><thead><tr><th scope="col">setting</th><th scope="col">value</th><th scope="col">differs from the default</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

const wide = (about: string, content: string) =>
  `<div class="scroll" tabindex="0" role="region" aria-label="${about}"><table>${content}</table></div>`;

function cells(figures: Figures): string {
  const onset = figures.onset_delay_s;
  const seconds = (value: number | null | undefined) => (typeof value === 'number' ? `${value.toFixed(2)} s` : '–');
  const number = (value: number | null) => (value === null ? '–' : String(value));
  const flaw = (value: number | null) => `<td${value ? ' class="bad"' : ''}>${number(value)}</td>`;
  const plain = (text: string) => `<td>${text}</td>`;
  return [
    plain(clock(figures.seconds)),
    plain(number(figures.truth_events)),
    plain(number(figures.events)),
    plain(number(figures.hits)),
    flaw(figures.misses),
    flaw(figures.false_events),
    plain(figures.false_events_per_hour === null ? '–' : figures.false_events_per_hour.toFixed(1)),
    plain(seconds(onset?.median)),
    plain(seconds(onset?.p95)),
    plain(number(figures.frames)),
    plain(number(figures.frames_decoded)),
    plain(number(figures.frames_triggered)),
    plain(number(figures.frames_triggered_outside_truth)),
  ].join('');
}
