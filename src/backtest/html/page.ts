/**
 * report.html: everything in one file, to be read in any browser without a network.
 */
import { parametersOf } from '../../motion/parameters.ts';
import type { ClipVerdict } from '../backtest.ts';
import type { Figures, Report } from '../report.ts';
import { listSettings, type Settings } from '../settings.ts';
import { clock } from '../tables.ts';
import { chart, LEGEND } from './chart.ts';
import { eventPictures, heatMap } from './pictures.ts';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';
import { clipTable, settingsTable, sweepTable } from './tables.ts';
import { percent, toHtml } from './text.ts';

export interface PageParts {
  readonly report: Report;
  readonly verdicts: readonly ClipVerdict[];
  readonly settings: Settings;
  readonly camera: string | undefined;
  /** What a search for settings found. */
  readonly tuning: readonly string[];
}

export function page({ report, verdicts, settings, camera, tuning }: PageParts): string {
  const clips = verdicts.flatMap((verdict) => ('judged' in verdict ? [verdict] : []));
  const count = clips.length === 1 ? '1 clip' : `${clips.length} clips`;
  const listed = listSettings(settings);
  const changed = listed.filter(({ isDefault }) => !isDefault).length;
  const whose = `${camera === undefined ? 'default settings' : `settings of camera ${camera}`}${changed > 0 ? ` (${changed} not the default)` : ''}`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Framegate backtest</title><style>${STYLE}</style></head>
<body><header><h1>Framegate backtest</h1><p class="soft">${count}, ${clock(report.total.seconds)} of video, ${toHtml(whose)}; Framegate ${toHtml(report.version)}, config <code>${report.config_hash}</code></p>
<ul class="tiles">${tiles(report.total)}</ul></header>
<main>${problems(report)}<section class="card"><h2>Clips</h2>${clipTable(report)}</section>${sweepTable(report)}${tuningSection(tuning)}${clips.map((verdict, index) => clipSection(verdict, index, settings, report)).join('')}<section class="card"><h2>Settings</h2>${settingsTable(listed)}</section></main>
<footer>An event is false if it overlaps no truth interval widened by one second; a truth event is a hit if the gate is open during any part of it. Onset: seconds from the start of a truth event to the first frame that is sent. Times are those of the clips’ frames.</footer>
<script>${SCRIPT}</script></body></html>
`;
}

function tiles(total: Figures): string {
  const tile = (value: string, text: string, quality = '') => `<li class="${quality}"><b>${value}</b>${text}</li>`;
  const sent = tile(
    String(total.frames_triggered),
    `frames sent, ${percent(total.frames_triggered, total.frames)} of all${total.frames_by_time > 0 ? `; ${total.frames_by_time} more by time` : ''}`,
  );
  const decoded = tile(percent(total.frames_decoded, total.frames), 'of the frames decoded');
  if (total.truth_events === null) return tile(String(total.events), 'events found') + sent + decoded;
  const onset = total.onset_delay_s;
  const late = (value: number | null | undefined) => (typeof value === 'number' ? `${value.toFixed(1)} s` : '–');
  return [
    tile(`${total.hits} of ${total.truth_events}`, 'events found', total.misses === 0 ? 'good' : 'bad'),
    tile(
      String(total.false_events),
      `false events, ${total.false_events_per_hour?.toFixed(1)} an hour`,
      total.false_events === 0 ? 'good' : 'bad',
    ),
    tile(late(onset?.median), `until the first frame is sent; 95 % within ${late(onset?.p95)}`),
    sent,
    tile(String(total.frames_triggered_outside_truth), `of them while nothing that matters moved`),
    decoded,
  ].join('');
}

function problems({ failed }: Report): string {
  const lines = Object.values(failed).map((line) => `<li>${toHtml(line)}</li>`);
  if (lines.length === 0) return '';
  return `<section class="card problems"><h2>Not replayed or not scored</h2><ul>${lines.join('')}</ul></section>`;
}

function tuningSection(lines: readonly string[]): string {
  if (lines.length === 0) return '';
  return `<section class="card"><h2>Tuning</h2>${lines.map((line) => `<p>${toHtml(line)}</p>`).join('')}</section>`;
}

function clipSection(
  { clip, judged: [first] }: Extract<ClipVerdict, { readonly judged: unknown }>,
  index: number,
  { camera }: Settings,
  report: Report,
): string {
  if (!first?.outcome.detail) return '';
  const { outcome, run } = first;
  const { detail } = first.outcome;
  const { minArea, sceneChange } = parametersOf(camera.motion);
  const notes = outcome.notes.map((note) => `<li>${toHtml(note)}</li>`).join('');
  const parts = { name: clip.name, seconds: outcome.seconds, run, detail, truth: clip.truth, minArea, sceneChange };
  const answers = report.clips[clip.name]?.inference;
  const asked = answers
    ? `<p>The model answered ${answers.answered} of ${answers.sent} frames, ${answers.for_nothing} of them with nothing in them; ${answers.sent - answers.answered} are unknown.</p>`
    : '';
  const id = `clip-${index}`;
  const shown = { id, name: clip.name, detail, events: run.events, truth: clip.truth, answers: answers?.events };
  return `<section class="card" id="${id}"><h2>${toHtml(clip.name)}</h2><p class="soft">${clock(outcome.seconds)}, ${outcome.width} x ${outcome.height}, ${toHtml(outcome.codec)}${clip.truth ? '' : ', without truth'}</p>${notes ? `<ul class="notes">${notes}</ul>` : ''}${asked}${chart(parts)}${LEGEND}<div class="looks"><div><h3>Where motion was found</h3>${heatMap(clip.name, detail)}</div><div>${eventPictures(shown)}</div></div></section>`;
}
