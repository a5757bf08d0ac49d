/**
 * Searches the settings of motion for the best trade between missed events, false events and frames that are sent.
 *
 * It climbs: from the best settings so far, each key is moved up and down a ladder of sensible values, all of that in one replay of the clips; the
 * best of it is where the next round begins, until nothing is better.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Change } from '../config/edit.ts';
import { FramegateError } from '../lib/errors.ts';
import { parametersOf } from '../motion/parameters.ts';
import type { Figures } from './report.ts';
import type { Settings } from './settings.ts';
import { type Variant, variantOf } from './sweep.ts';

/** What things cost, in false events: see `costOf`. */
export const PRICES = { miss: 5, falseEvent: 1, onsetSecond: 1, frameOutside: 0.05, frameSent: 0.0025 } as const;
/** What is not better by this much is not better. */
const WORTHWHILE = 0.02;
const MAX_ROUNDS = 6;
/** From so many clips with truth on, every third one is held out. */
const MIN_FOR_HELD_OUT = 4;
const HELD_OUT_EVERY = 3;

const OF_SENSITIVITY = ['threshold', 'noiseFactor', 'minArea', 'confirm'] as const;
const LADDERS: ReadonlyArray<readonly [path: readonly string[], values: readonly unknown[]]> = [
  [
    ['motion', 'threshold'],
    [6, 8, 10, 13, 16, 20, 24, 30, 40],
  ],
  [
    ['motion', 'noiseFactor'],
    [3, 4, 5, 6, 8, 10, 12],
  ],
  [
    ['motion', 'minArea'],
    [0.0002, 0.0003, 0.0006, 0.001, 0.0015, 0.0025, 0.004, 0.008],
  ],
  [
    ['motion', 'confirm'],
    ['0s', '200ms', '400ms', '600ms', '1s', '1500ms'],
  ],
  [
    ['motion', 'minFrames'],
    [1, 2, 3, 4],
  ],
  [
    ['decode', 'fps'],
    [2, 3, 5, 8, 10],
  ],
];
const STEPS = [-2, -1, 1, 2];

/** Lower is better. A miss costs as much as five false events, and so does any other thing as `PRICES` says. */
export function costOf(figures: readonly Figures[]): number {
  return figures.reduce(
    (sum, one) =>
      sum +
      PRICES.miss * (one.misses ?? 0) +
      PRICES.falseEvent * (one.false_events ?? 0) +
      PRICES.onsetSecond * (one.onset_delay_s?.median ?? 0) +
      PRICES.frameOutside * (one.frames_triggered_outside_truth ?? 0) +
      PRICES.frameSent * one.frames_triggered,
    0,
  );
}

/** Figures of each clip with truth, in the order of the clips, for each set of settings. */
export type Evaluate = (variants: readonly Settings[]) => Promise<readonly (readonly Figures[])[]>;

export interface Tuned {
  /** What to change; nothing when the settings are best as they are. */
  readonly changes: readonly Change[];
  readonly settings: Settings;
  /** Of all candidates, best first: cost on the clips that were searched with, and on those held out. */
  readonly tried: readonly Candidate[];
  readonly base: Candidate;
  readonly best: Candidate;
  /** How many clips were held out; 0 when there are too few. */
  readonly heldOut: number;
  /** The best is better on the held-out clips, too, or there are none. */
  readonly holds: boolean;
}

export interface Candidate {
  readonly variant: Variant;
  readonly cost: number;
  readonly heldOutCost: number | undefined;
  readonly figures: readonly Figures[];
}

/** @param onRound told of each round before it begins, with the number of candidates. */
export async function tune(
  base: Settings,
  clips: number,
  evaluate: Evaluate,
  onRound: (round: number, candidates: number) => void,
): Promise<Tuned> {
  const isHeldOut = (index: number) => clips >= MIN_FOR_HELD_OUT && index % HELD_OUT_EVERY === HELD_OUT_EVERY - 1;
  const tried: Candidate[] = [];

  const attempt = async (variants: readonly Variant[]): Promise<readonly Candidate[]> => {
    const fresh = variants.filter(
      (one, index) =>
        !tried.some((other) => isSame(other.variant, one)) &&
        variants.findIndex((other) => isSame(other, one)) === index,
    );
    const results = fresh.length > 0 ? await evaluate(fresh.map(({ settings }) => settings)) : [];
    return fresh.map((variant, index): Candidate => {
      const figures = results[index] ?? [];
      const heldOut = figures.filter((_, clip) => isHeldOut(clip));
      return {
        variant,
        cost: costOf(figures.filter((_, clip) => !isHeldOut(clip))),
        heldOutCost: heldOut.length > 0 ? costOf(heldOut) : undefined,
        figures,
      };
    });
  };

  const start = variantOf(base, [], '--tune');
  const around = neighbours(base, []);
  onRound(1, around.length + 1);
  const [first, ...others] = await attempt([start, ...around]);
  if (!first) throw new FramegateError('ERR_USAGE', 'there is nothing to tune with', { hint: 'give clips with truth' });
  tried.push(first, ...others);
  let best = better(tried) ?? first;
  for (let round = 2; round <= MAX_ROUNDS && best !== first; round += 1) {
    const candidates = neighbours(base, best.variant.changes);
    onRound(round, candidates.length);
    tried.push(...(await attempt(candidates)));
    const next = better(tried) ?? best;
    if (next === best) break;
    best = next;
  }
  return {
    changes: best.variant.changes,
    settings: best.variant.settings,
    tried: [...tried].sort((a, b) => a.cost - b.cost),
    base: first,
    best,
    heldOut: best.figures.filter((_, clip) => isHeldOut(clip)).length,
    holds: best.heldOutCost === undefined || best.heldOutCost <= (first.heldOutCost ?? 0) + WORTHWHILE,
  };
}

const isSame = (a: Variant, b: Variant) => isDeepStrictEqual(a.settings.camera, b.settings.camera);

/** The cheapest; the settings as they are, or those with the fewest changes, where others are hardly cheaper. */
function better(tried: readonly Candidate[]): Candidate | undefined {
  const lowest = Math.min(...tried.map(({ cost }) => cost));
  const good = tried.filter(({ cost }) => cost <= lowest + WORTHWHILE);
  return good.sort((a, b) => a.variant.changes.length - b.variant.changes.length || a.cost - b.cost)[0];
}

/** Settings one step away: another sensitivity, or one key up or down its ladder. */
function neighbours(base: Settings, changes: readonly Change[]): readonly Variant[] {
  const { settings } = variantOf(base, changes, '--tune');
  const sensitivities = ['low', 'medium', 'high'].map((value) => [
    { path: ['motion', 'sensitivity'], value },
    ...OF_SENSITIVITY.filter((key) => isSet(settings, key)).map((key) => ({ path: ['motion', key], value: undefined })),
  ]);
  const steps = LADDERS.flatMap(([path, values]) => near(settings, path, values).map((value) => [{ path, value }]));
  return [...sensitivities, ...steps].map((more) => variantOf(base, merged(base, changes, more), '--tune'));
}

function isSet({ raw }: Settings, key: string): boolean {
  const motion = raw['motion'];
  return typeof motion === 'object' && motion !== null && Object.hasOwn(motion, key);
}

/** Values of a ladder near the one that is set. */
function near({ camera }: Settings, path: readonly string[], values: readonly unknown[]): readonly unknown[] {
  const [group, key = ''] = path;
  const now = (group === 'decode' ? camera.decode : parametersOf(camera.motion)) as unknown as Record<string, number>;
  const distances = values.map((value) => Math.abs(Math.log((numberOf(value) + 1e-6) / ((now[key] ?? 0) + 1e-6))));
  const place = distances.indexOf(Math.min(...distances));
  return STEPS.flatMap((step) => (values[place + step] === undefined ? [] : [values[place + step]]));
}

function numberOf(value: unknown): number {
  if (typeof value !== 'string') return Number(value);
  return Number.parseFloat(value) * (value.endsWith('ms') ? 1 : 1000);
}

/** Later changes of the same key replace earlier ones; what the file says already is no change. */
function merged(base: Settings, earlier: readonly Change[], later: readonly Change[]): readonly Change[] {
  const keys = new Set(later.map(({ path }) => path.join('.')));
  return [...earlier.filter(({ path }) => !keys.has(path.join('.'))), ...later].filter(({ path, value }) => {
    const own = path.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], base.raw);
    return !isDeepStrictEqual(own, value);
  });
}
