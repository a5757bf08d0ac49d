/**
 * Line plots as SVG.
 */

export interface Series {
  readonly name: string;
  readonly points: ReadonlyArray<readonly [x: number, y: number]>;
  /** Marks the points. */
  readonly dots?: boolean;
}

export interface Plot {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly series: readonly Series[];
  /** Stretches of x that are shaded. */
  readonly shaded?: ReadonlyArray<readonly [from: number, to: number]>;
}

const WIDTH = 860;
const HEIGHT = 420;
const FRAME = { left: 64, right: 20, top: 44, bottom: 52 };
const COLOURS = ['#0b6e99', '#d9730d', '#448361', '#9065b0', '#c14c8a'];

export function svg({ title, x, y, series, shaded = [] }: Plot): string {
  const points = series.flatMap((one) => one.points);
  const [xTicks, yTicks] = [
    ticks(Math.max(1e-9, ...points.map(([px]) => px))),
    ticks(Math.max(1e-9, ...points.map(([, py]) => py))),
  ];
  const [xMax, yMax] = [xTicks.at(-1)!, yTicks.at(-1)!];
  const toX = (value: number) => round(FRAME.left + (value / xMax) * (WIDTH - FRAME.left - FRAME.right));
  const toY = (value: number) => round(HEIGHT - FRAME.bottom - (value / yMax) * (HEIGHT - FRAME.top - FRAME.bottom));
  const [bottom, right] = [toY(0), toX(xMax)];
  const grid = [
    ...shaded.map(
      ([from, to]) =>
        `<rect x="${toX(from)}" y="${FRAME.top}" width="${round(toX(to) - toX(from))}" height="${bottom - FRAME.top}" fill="#f1e7c9"/>`,
    ),
    ...yTicks.map(
      (tick) =>
        `<path d="M${FRAME.left} ${toY(tick)}H${right}" stroke="#ddd"/>${text(FRAME.left - 8, toY(tick) + 4, String(tick), 'end')}`,
    ),
    ...xTicks.map((tick) => text(toX(tick), bottom + 18, String(tick), 'middle')),
  ];
  const lines = series.map(({ points: own, dots }, index) => {
    const colour = COLOURS[index % COLOURS.length];
    const path = own.map(([px, py], at) => `${at === 0 ? 'M' : 'L'}${toX(px)} ${toY(py)}`).join('');
    const marks = dots
      ? own.map(([px, py]) => `<circle cx="${toX(px)}" cy="${toY(py)}" r="3.5" fill="${colour}"/>`)
      : [];
    return `<path d="${path}" fill="none" stroke="${colour}" stroke-width="1.6"/>${marks.join('')}`;
  });
  const legend = series.map(
    ({ name }, index) =>
      `<path d="M${FRAME.left + 10} ${FRAME.top + 12 + index * 18}h22" stroke="${COLOURS[index % COLOURS.length]}" stroke-width="3"/>${text(FRAME.left + 40, FRAME.top + 16 + index * 18, name, 'start')}`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="#222">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text x="${FRAME.left}" y="24" font-size="15">${escaped(title)}</text>`,
    ...grid,
    `<path d="M${FRAME.left} ${FRAME.top}V${bottom}H${right}" fill="none" stroke="#666"/>`,
    ...lines,
    ...legend,
    text((FRAME.left + right) / 2, HEIGHT - 12, x, 'middle'),
    `<text transform="translate(16 ${(FRAME.top + bottom) / 2}) rotate(-90)" text-anchor="middle">${escaped(y)}</text>`,
    '</svg>\n',
  ].join('\n');
}

/** 0 and round numbers up to the first one at or above `max`. */
function ticks(max: number): number[] {
  const rough = max / 5;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * unit).find((candidate) => candidate >= rough) ?? rough;
  const count = Math.ceil(max / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(6)));
}

function text(x: number, y: number, content: string, anchor: 'start' | 'middle' | 'end'): string {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}">${escaped(content)}</text>`;
}

const escaped = (content: string) => content.replace(/&/g, '&amp;').replace(/</g, '&lt;');

const round = (value: number) => Math.round(value * 10) / 10;
