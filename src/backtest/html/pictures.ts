/**
 * Pictures of a clip: where motion was found, and what false, missed and other events looked like.
 */
import type { EventAnswers } from '../answers.ts';
import type { ClipDetail, Snapshot } from '../detail.ts';
import { falseEvents, missedEvents } from '../score.ts';
import type { Interval, Truth } from '../truth.ts';
import { dataUrl, moment, percent, short, toHtml } from './text.ts';

/** Onsets of events that are as they should be; false and missed ones are all shown. */
const MAX_ONSETS = 24;

export function heatMap(name: string, { heat, scene }: ClipDetail): string {
  const { columns, rows, counts } = heat;
  const most = Math.max(1, ...counts);
  const cells = counts
    .map((count, index) => {
      if (count === 0) return '';
      const warmth = Math.sqrt(count / most);
      const [x, y] = [index % columns, Math.floor(index / columns)];
      return `<rect x="${x}" y="${y}" width="1.02" height="1.02" fill="hsl(${Math.round(58 - 58 * warmth)} 100% ${Math.round(58 - 8 * warmth)}%)" opacity="${short(0.08 + 0.72 * warmth)}"/>`;
    })
    .join('');
  const moved = counts.filter((count) => count > 0).length;
  const about = `Heat map of ${name}: motion was found in ${percent(moved, counts.length)} of the picture${moved > 0 ? `, most of all ${placeOf(counts.indexOf(most), columns, rows)}` : ''}.`;
  const picture = scene ? `<img src="${dataUrl(scene)}" alt="">` : '<svg viewBox="0 0 16 9"></svg>';
  return `<figure class="heat"><div class="frame" role="img" aria-label="${toHtml(about)}">${picture}<svg viewBox="0 0 ${columns} ${rows}" preserveAspectRatio="none" aria-hidden="true">${cells}</svg></div><figcaption>${toHtml(about)}</figcaption></figure>`;
}

function placeOf(index: number, columns: number, rows: number): string {
  const [x, y] = [(index % columns) / columns, Math.floor(index / columns) / rows];
  const vertical = y < 1 / 3 ? 'at the top' : y < 2 / 3 ? 'in the middle' : 'at the bottom';
  return `${vertical}${x < 1 / 3 ? ' on the left' : x < 2 / 3 ? '' : ' on the right'}`;
}

export interface Shown {
  /** Of the clip's section in the page. */
  readonly id: string;
  readonly name: string;
  readonly detail: ClipDetail;
  readonly events: readonly Interval[];
  readonly truth: Truth | undefined;
  readonly answers: readonly EventAnswers[] | undefined;
}

/** False events, missed events and onsets, each under a heading of its own. */
export function eventPictures({ id, name, detail, events, truth, answers }: Shown): string {
  const wrong = truth ? falseEvents(truth, { events }) : [];
  const missed = truth ? missedEvents(truth, { events }) : [];
  const others = events.filter((event) => !wrong.includes(event));
  const onset = (event: Interval) =>
    detail.snapshots.find(({ of, t }) => of === 'event' && Math.abs(t - event[0]) < 0.001);
  const middle = (one: Interval) =>
    detail.snapshots.find(({ of, t }) => of === 'truth' && t >= one[0] && t <= one[1] + 1);
  const told = (event: Interval) => verdictOf(answers?.find((one) => one.event[0] === event[0]));
  const group = (title: string, figures: readonly string[], more = '') =>
    figures.length === 0 ? '' : `<h3>${title}</h3>${more}<div class="pictures">${figures.join('')}</div>`;
  const caption = (what: string, [start, end]: Interval) => `${what}, ${moment(start)} to ${moment(end)}`;
  return [
    group(
      `False events (${wrong.length})`,
      wrong.map((event) =>
        figure(onset(event), `${caption('opened for nothing', event)}${told(event)}`, { id, name }, true),
      ),
    ),
    group(
      `Missed events (${missed.length})`,
      missed.map((one) => figure(middle(one), caption('missed', one), { id, name }, true)),
    ),
    group(
      truth ? `Onsets (${others.length})` : `Events (${others.length})`,
      others
        .slice(0, MAX_ONSETS)
        .map((event) => figure(onset(event), `${caption('opened', event)}${told(event)}`, { id, name }, false)),
      others.length > MAX_ONSETS ? `<p class="soft">The first ${MAX_ONSETS} are shown.</p>` : '',
    ),
  ].join('');
}

function verdictOf(answers: EventAnswers | undefined): string {
  if (!answers) return '';
  const reasons = Object.entries(answers.unknown).map(([reason, count]) => `${count} ${reason.replaceAll('_', ' ')}`);
  const unknown = reasons.length > 0 ? `; unknown: ${reasons.join(', ')}` : '';
  if (answers.verdict === 'unknown') return ` – model: unknown (${reasons.join(', ') || 'no frame was sent'})`;
  const labels = Object.entries(answers.labels).map(([label, score]) => `${label} ${score.toFixed(2)}`);
  return ` – model: ${labels.join(', ') || 'nothing'}${unknown}`;
}

function figure(
  snapshot: Snapshot | undefined,
  caption: string,
  { id, name }: Pick<Shown, 'id' | 'name'>,
  bad: boolean,
): string {
  const text = toHtml(caption);
  if (!snapshot) return `<figure><figcaption>${text} (no picture)</figcaption></figure>`;
  const boxes = snapshot.regions
    .map(
      ([x, y, width, height]) =>
        `<rect x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}" fill="none" stroke="#ffd84d" stroke-width="2" vector-effect="non-scaling-stroke"/>`,
    )
    .join('');
  return `<figure><div class="frame${bad ? ' bad' : ''}"><img src="${dataUrl(snapshot.jpeg)}" alt="${toHtml(`${name} at ${moment(snapshot.t)}`)}"><svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">${boxes}</svg></div><figcaption><a href="#${id}" data-t="${short(snapshot.t)}" title="show it in the chart">${moment(snapshot.t)}</a> ${text}</figcaption></figure>`;
}
