import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';

export interface Options {
  /** Names of rows, or their beginnings; empty: all. */
  readonly rows: readonly string[];
  /** Where the results go. */
  readonly out: string;
  /** Seconds that are measured per row, and seconds of rest before them, after learning. */
  readonly seconds: number;
  readonly warmUp: number;
  /** Cameras of the adaptive gateway in the idle rows. */
  readonly cameras: number;
  /** Numbers of cameras of the scale rows. */
  readonly counts: readonly number[];
  /** Settings of each camera of a gateway, as in its config. */
  readonly camera: Readonly<Record<string, unknown>>;
  /** main.js of the build that is measured. */
  readonly framegate: string;
  readonly list: boolean;
  readonly help: boolean;
}

export const USAGE = `npm run bench:ingest -- [options]      each option also as an environment variable, e.g. BENCH_ROWS

  --rows idle-vbr,events   only these rows, by name or by the beginning of the name
  --quick                  a few rows with short windows
  --out DIR                for results.json, results.md, plots, configs and logs; default: a new temporary folder
  --seconds 30             length of each measurement
  --warmup 20              rest before it, after learning; at least 3 GOPs, 60 beside a tree or a clock, 120 in scale
                           rows and 240 in busy ones
  --cameras 20             cameras of the adaptive gateway in idle rows
  --counts 1,5,10,20       cameras of the scale rows
  --camera '{...}'         settings of the gateways' cameras, in YAML: '{ transport: ffmpeg }'
  --framegate FILE         main.js of another build
  --list                   names the rows

Gateways with decode.mode auto learn their cameras first, in every row: a camera shows its empty scene for 15 s (5 GOPs where that is
longer) and then, for 75 s, short walks of people who are not in the events; cameras start one after the other. Then it goes over to what is
measured, within the same RTSP session. What does not learn is started afterwards.
Recordings are made once and kept in the temporary folder.
`;

const QUICK_ROWS = 'idle-vbr,idle-cbr';

export function readOptions(argv: readonly string[], env: NodeJS.ProcessEnv): Options {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...argv],
    options: {
      rows: text,
      out: text,
      seconds: text,
      warmup: text,
      cameras: text,
      counts: text,
      camera: text,
      framegate: text,
      quick: { type: 'boolean' },
      list: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  const isQuick = values.quick === true || (env['BENCH_QUICK'] ?? '0') !== '0';
  const setting = (
    name: 'rows' | 'out' | 'seconds' | 'warmup' | 'cameras' | 'counts' | 'camera' | 'framegate',
    fallback: string,
  ) => values[name] ?? env[`BENCH_${name.toUpperCase()}`] ?? fallback;
  const stamp = new Date().toISOString().slice(0, 19).replace(/[-:]/g, '');
  return {
    rows: split(setting('rows', isQuick ? QUICK_ROWS : '')),
    out: resolve(setting('out', join(tmpdir(), `framegate-bench-results-${stamp}`))),
    seconds: number('seconds', setting('seconds', '30')),
    warmUp: number('warmup', setting('warmup', isQuick ? '15' : '20')),
    cameras: number('cameras', setting('cameras', '20')),
    counts: split(setting('counts', '1,5,10,20')).map((count) => number('counts', count)),
    camera: parse(setting('camera', '{}')),
    framegate: resolve(setting('framegate', 'dist/main.js')),
    list: values.list === true,
    help: values.help === true,
  };
}

const split = (list: string) => list.split(',').filter((item) => item !== '');

function number(name: string, value: string): number {
  const result = Number(value);
  if (!(result > 0)) throw new Error(`--${name} ${value}: expected a number above 0`);
  return result;
}
