import type { Figures, Report } from '../report.ts';
import type { Setting } from '../settings.ts';
import { clock, nameOf } from '../tables.ts';
import { toHtml } from './text.ts';

/** Columns, with what is not plain about them. */
const COLUMNS: ReadonlyArray<readonly [name: string, about: string]> = [
  ['length', ''],
  ['truth', 'events that the truth file tells of'],
  ['events', 'times that the gate opened'],
  ['hits', 'truth events during which the gate was open'],
  ['missed', ''],
  ['false', 'events that overlap no truth'],
  ['false/h', 'false events in an hour of video'],
  ['onset', 'median time from the start of a truth event to the first frame that is sent'],
  ['95 %', '95 % of the onsets are within this time'],
  ['frames', 'pictures of the clip'],
  ['decoded', 'frames that a live gateway would have decoded'],
  ['sent', 'frames sent to the model'],
  ['outside', 'frames sent while nothing that matters moved'],
];

const heading = (first: string) =>
  `<thead><tr><th scope="col">${first}</th>${COLUMNS.map(
    ([name, about]) => `<th scope="col"${about && ` title="${about}"`}>${name}</th>`,
  ).join('')}</tr></thead>`;

export function clipTable({ clips, total }: Report): string {
  const rows = Object.entries(clips).map(
    ([name, figures], index) =>
      `<tr><th scope="row"><a href="#clip-${index}">${toHtml(name)}</a></th>${cells(figures)}</tr>`,
  );
  const foot = rows.length > 1 ? `<tfoot><tr><th scope="row">total</th>${cells(total)}</tr></tfoot>` : '';
  return wide('Figures of the clips', `${heading('clip')}<tbody>${rows.join('')}</tbody>${foot}`);
}

export function sweepTable({ sweep, total }: Report): string {
  if (!sweep) return '';
  const rows = [{ settings: {}, total }, ...sweep].map(
    (row) => `<tr><th scope="row"><code>${toHtml(nameOf(row.settings))}</code></th>${cells(row.total)}</tr>`,
  );
  const table = wide('Figures of the settings', `${heading('settings')}<tbody>${rows.join('')}</tbody>`);
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
