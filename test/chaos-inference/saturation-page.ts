import { type Plot, svg } from '../bench/report/plot.ts';

/** What came of it at one speed of the service. */
export interface SaturationRow {
  /** Of one answer, one at a time. */
  readonly serviceMs: number;
  /** Answers per second. */
  readonly possible: number;
  readonly answered: number;
  /** Of the answers, from capture, in ms. */
  readonly ageP50: number;
  readonly ageP95: number;
  /** Most requests at the service at once. */
  readonly atServer: number;
}

/** One page without any external resource. */
export function saturationPage(rows: readonly SaturationRow[], cameras: number): string {
  const plot = (title: string, y: string, figures: ReadonlyArray<readonly [name: string, of: keyof SaturationRow]>) => {
    const series = figures.map(([name, of]) => ({
      name,
      points: rows.map((row) => [row.serviceMs, row[of]] as const),
      dots: true,
    }));
    return svg({ title, x: 'ms that the service takes for a frame', y, series } satisfies Plot);
  };
  const title = `${cameras} cameras in motion, a frame a second each, one service`;
  return [
    `<!doctype html><meta charset="utf-8"><title>${title}</title>`,
    '<style>body{font-family:sans-serif;max-width:900px;margin:2em auto}</style>',
    `<h1>${title}</h1>`,
    plot('Answers', 'answers a second', [
      ['possible', 'possible'],
      ['answered', 'answered'],
    ]),
    plot('Age of an answer, from capture', 'ms', [
      ['95 of 100 are younger', 'ageP95'],
      ['half are younger', 'ageP50'],
    ]),
    plot(
      'Requests at the service at once: the queue is in the gateway, where newer frames take the place of older ones',
      'requests',
      [['most', 'atServer']],
    ),
    '',
  ].join('\n');
}
