/**
 * `npm run bench:motion`: what the motion detector finds, misses and invents in labelled clips and in made scenes, beside Frigate's improved
 * detector and MOG2. `--only TEXT` runs films whose name contains it; `--detector NAME` one detector; `--events` prints what opened;
 * `--lots N` draws so many scenes by lot and `--seed S` other ones: those to develop with.
 */
import { parseArgs } from 'node:util';
import type { Film } from './film.ts';
import { recordedFilms } from './recorded.ts';
import { madeFilms } from './scenes/cases.ts';
import { drawnFilms, HELD_OUT } from './scenes/lots.ts';
import { type Run, type Score, score, total } from './score.ts';
import { FRIGATE, framegate, MOG2, run } from './subjects.ts';
import { heading, line } from './table.ts';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    detector: { type: 'string' },
    events: { type: 'boolean', default: false },
    lots: { type: 'string', default: '40' },
    seed: { type: 'string', default: String(HELD_OUT) },
  },
});

const subjects = [framegate(), FRIGATE, MOG2].filter(({ name }) => (options.detector ?? name) === name);
const films = [
  ...[5, 2, 10, 15].flatMap(recordedFilms),
  ...(await madeFilms()),
  ...(await drawnFilms(Number(options.seed), Number(options.lots))),
].filter(({ name }) => name.includes(options.only));

// Once without being measured: compiling is over soon, and a gateway runs for months.
const rehearsal = [...((await films[0]?.frames()) ?? [])];
for (const subject of subjects) run(subject, rehearsal);

console.log(heading(subjects.map(({ name }) => name)));
const results: { film: Film; scores: Score[] }[] = [];
for (const film of films) {
  const frames = [...(await film.frames())];
  const runs = subjects.map((subject) => run(subject, frames));
  const scores = runs.map((one) => score(film, one));
  results.push({ film, scores });
  console.log(line(film.name, scores));
  if (options.events)
    for (const [index, one] of runs.entries()) console.log(`    ${subjects[index]?.name}: ${told(one)}`);
}
for (const [title, belongs] of [
  ['recorded at 5 fps', ({ film }: { film: Film }) => film.kind === 'recorded' && film.name.endsWith('@5')],
  ['recorded', ({ film }: { film: Film }) => film.kind === 'recorded'],
  ...(['made', 'drawn', 'held out'] as const).map(
    (kind) => [kind, ({ film }: { film: Film }) => film.kind === kind] as const,
  ),
] as const) {
  const group = results.filter(belongs);
  if (group.length > 0)
    console.log(
      line(
        `all ${title} (${group.length})`,
        subjects.map((_, i) => total(group.map(({ scores }) => scores[i]!))),
      ),
    );
}

function told({ events }: Run): string {
  return events.map(([start, end]) => `${start.toFixed(1)}-${end.toFixed(1)}`).join(' ');
}
