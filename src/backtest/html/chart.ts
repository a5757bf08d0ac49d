/**
 * The timeline of a clip: truth, gate, frames sent, decoding and the curve of motion, all on one axis.
 */
import type { ClipDetail, Sample, VariantRun } from '../detail.ts';
import { falseEvents, missedEvents } from '../score.ts';
import type { Interval, Truth } from '../truth.ts';
import { moment, short, toHtml } from './text.ts';

/** Points of the curve at most: more than any screen shows. */
const POINTS = 1200;
/** The scale of the curve is logarithmic, from a ten-thousandth of the frame to all of it. */
const DECADES = 4;
const STATES = ['quiet', 'moving', 'calibrating', 'scene_change'] as const;

export interface ChartParts {
  readonly name: string;
  readonly seconds: number;
  readonly run: VariantRun;
  readonly detail: ClipDetail;
  readonly truth: Truth | undefined;
  /** Smallest region that counts as motion, and what counts as a change of the scene; fractions of the frame. */
  readonly minArea: number;
  readonly sceneChange: number;
}

export function chart(parts: ChartParts): string {
  const { name, seconds, run, detail, truth } = parts;
  const length = Math.max(1, seconds);
  const lane = (title: string, content: string, about: string) =>
    `<div class="name">${title}</div><svg class="lane" viewBox="0 0 ${short(length)} 100" preserveAspectRatio="none" role="img" aria-label="${toHtml(about)}">${content}</svg>`;
  const missed = truth ? missedEvents(truth, run) : [];
  const wrong = truth ? falseEvents(truth, run) : [];
  const truthLanes = truth
    ? [
        lane(
          'truth',
          bars(truth.ignore, 'ignore') +
            bars(
              truth.motion.filter((one) => !missed.includes(one)),
              'truth',
            ) +
            bars(missed, 'bad'),
          `truth of ${name}: ${times(truth.motion)}; missed: ${times(missed)}; not scored: ${times(truth.ignore)}`,
        ),
      ]
    : [];
  return `<div class="chart" data-seconds="${short(length)}">${[
    ...truthLanes,
    lane(
      'gate',
      bars(
        run.events.filter((one) => !wrong.includes(one)),
        'good',
      ) + bars(wrong, 'bad'),
      `gate open: ${times(run.events)}; false: ${times(wrong)}`,
    ),
    lane('sent', ticks(run.triggered), `${run.triggered.length} frames sent to the model`),
    lane('decoding', decoding(detail, length), decodingText(detail, length)),
    `<div class="name">motion</div><div class="plotbox">${scale()}${curve(parts, length)}</div>`,
  ].join(
    '',
  )}<div class="name"></div><div class="axis">${axis(length)}</div><div class="cursor"></div><div class="chosen"></div><script type="application/json">${data(parts)}</script></div>
<div class="tools"><span class="buttons" hidden><button type="button" aria-label="zoom in">+</button> <button type="button" aria-label="zoom out">−</button> <button type="button" aria-label="earlier">◀</button> <button type="button" aria-label="later">▶</button> <button type="button">all</button></span><output>move over the chart to read it, drag to zoom</output></div>`;
}

export const LEGEND = `<ul class="legend"><li><i style="background:var(--truth)"></i>something that matters moves</li><li><i style="background:var(--good)"></i>gate open</li><li><i style="background:var(--bad)"></i>missed, or opened for nothing (taller)</li><li><i style="background:var(--ignore)"></i>not scored</li><li><i style="background:var(--awake)"></i>everything decoded</li><li><i style="background:var(--idle)"></i>keyframes only</li><li><i style="background:var(--limit)"></i>smallest motion that counts, and scene change</li></ul>`;

function bars(intervals: readonly Interval[], colour: string): string {
  return intervals
    .map(
      ([start, end]) =>
        `<rect x="${short(start)}" y="${colour === 'bad' ? 0 : 18}" width="${short(Math.max(end - start, 0.05))}" height="${colour === 'bad' ? 100 : 64}" fill="var(--${colour})"><title>${moment(start)} to ${moment(end)}</title></rect>`,
    )
    .join('');
}

function ticks(times: readonly number[]): string {
  const path = times.map((time) => `M${short(time)} 15V85`).join('');
  return `<path d="${path}" stroke="var(--sent)" stroke-width="1.5" vector-effect="non-scaling-stroke" fill="none"/>`;
}

const stretches = ({ decoding: changes }: ClipDetail, length: number) =>
  changes.map(({ t, state }, index) => ({ state, from: t, to: changes[index + 1]?.t ?? length }));

function decoding(detail: ClipDetail, length: number): string {
  return stretches(detail, length)
    .map(
      ({ state, from, to }) =>
        `<rect x="${short(from)}" y="30" width="${short(to - from)}" height="40" fill="var(--${state === 'idle' ? 'idle' : 'awake'})"><title>${state} from ${moment(from)} to ${moment(to)}</title></rect>`,
    )
    .join('');
}

function decodingText(detail: ClipDetail, length: number): string {
  const idle = stretches(detail, length).reduce(
    (sum, { state, from, to }) => sum + (state === 'idle' ? to - from : 0),
    0,
  );
  return `decoding: keyframes only for ${Math.round((100 * idle) / length)} % of the time, everything else of it`;
}

const level = (score: number) => 100 * (1 - Math.max(0, (Math.log10(Math.max(score, 1e-9)) + DECADES) / DECADES));

function scale(): string {
  return ['100 %', '10 %', '1 %', '0.1 %', '0.01 %']
    .map((text, index) => `<span style="top:${Math.min(95, Math.max(5, 25 * index))}%">${text}</span>`)
    .join('');
}

function curve({ name, detail, minArea, sceneChange }: ChartParts, length: number): string {
  const points = thinned(detail.samples);
  const moving = movingStretches(points).map((stretch) => areaOf(stretch));
  const limit = (score: number) =>
    `<path d="M0 ${short(level(score))}H${short(length)}" stroke="var(--limit)" stroke-width="1.5" stroke-dasharray="5 4" vector-effect="non-scaling-stroke"/>`;
  const about = `changed part of the frame over time in ${name}, logarithmic, with the smallest motion that counts at ${100 * minArea} %`;
  return `<svg class="plot" viewBox="0 0 ${short(length)} 100" preserveAspectRatio="none" role="img" aria-label="${toHtml(about)}"><path d="${areaOf(points)}" fill="var(--curve)"/><path d="${moving.join('')}" fill="var(--moving)"/>${limit(minArea)}${limit(sceneChange)}</svg>`;
}

function areaOf(samples: readonly Sample[]): string {
  const [first] = samples;
  const last = samples.at(-1);
  if (!first || !last) return '';
  const line = samples.map(({ t, score }) => `L${short(t)} ${short(level(score))}`).join('');
  return `M${short(first.t)} 100${line}L${short(last.t)} 100Z`;
}

/** Samples in a row in which something moves, each with the one after it. */
function movingStretches(samples: readonly Sample[]): readonly (readonly Sample[])[] {
  const stretches: Sample[][] = [];
  for (const [index, sample] of samples.entries()) {
    const moves = sample.state === 'moving';
    const moved = samples[index - 1]?.state === 'moving';
    if (moves && !moved) stretches.push([]);
    if (moves || moved) stretches.at(-1)?.push(sample);
  }
  return stretches;
}

/** The highest sample of each stretch of time. */
function thinned(samples: readonly Sample[]): readonly Sample[] {
  const size = Math.ceil(samples.length / POINTS);
  if (size <= 1) return samples;
  return Array.from({ length: Math.ceil(samples.length / size) }, (_, index) => {
    const stretch = samples.slice(index * size, (index + 1) * size);
    return stretch.reduce((best, one) => (one.score > best.score ? one : best));
  });
}

function data({ detail, run, truth }: ChartParts): string {
  const points = thinned(detail.samples);
  return JSON.stringify({
    t: points.map(({ t }) => Number(short(t))),
    score: points.map(({ score }) => Number(score.toFixed(5))),
    states: STATES.map((state) => state.replace('_', ' ')),
    state: points.map(({ state }) => STATES.indexOf(state)),
    events: run.events,
    truth: truth?.motion ?? null,
  });
}

function axis(length: number): string {
  return [0, 0.2, 0.4, 0.6, 0.8, 1]
    .map((part) => `<span style="left:${100 * part}%">${moment(part * length)}</span>`)
    .join('');
}

const times = (intervals: readonly Interval[]) =>
  intervals.length === 0 ? 'none' : intervals.map(([start, end]) => `${moment(start)} to ${moment(end)}`).join(', ');
