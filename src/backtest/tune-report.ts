/**
 * What a search for settings found, for people and for report.json.
 */
import { namesOf } from './assemble.ts';
import type { Figures } from './report.ts';
import { nameOf } from './tables.ts';
import { PRICES, type Tuned } from './tune.ts';

const SHOWN = 12;

export function tuneRows({ tried, base, best, heldOut }: Tuned): string[][] {
  const shown = [...tried.slice(0, SHOWN), ...(tried.indexOf(base) >= SHOWN ? [base] : [])];
  return [
    ['candidate', 'cost', ...(heldOut > 0 ? ['held out'] : []), 'missed', 'false', 'sent', 'outside', ''],
    ...shown.map((one) => {
      const sum = (pick: (figures: Figures) => number | null) =>
        String(one.figures.reduce((all, figures) => all + (pick(figures) ?? 0), 0));
      return [
        one.variant.name || 'as they are',
        one.cost.toFixed(2),
        ...(one.heldOutCost === undefined ? [] : [one.heldOutCost.toFixed(2)]),
        sum(({ misses }) => misses),
        sum(({ false_events }) => false_events),
        sum(({ frames_triggered }) => frames_triggered),
        sum(({ frames_triggered_outside_truth }) => frames_triggered_outside_truth),
        one === best ? '<- best' : '',
      ];
    }),
  ];
}

export function tuneTalk({ changes, heldOut, holds, best, base }: Tuned, write: boolean): string[] {
  const verdict =
    changes.length === 0
      ? 'nothing that was tried is better than the settings as they are'
      : `best: ${nameOf(namesOf(changes))} (cost ${base.cost.toFixed(2)} -> ${best.cost.toFixed(2)})`;
  const check =
    heldOut === 0
      ? 'there are too few clips with truth (fewer than 4) to hold some out: this may fit these clips only'
      : `on the ${heldOut} clips that were held out: cost ${base.heldOutCost?.toFixed(2)} -> ${best.heldOutCost?.toFixed(2)}`;
  const refused = holds
    ? []
    : [`that is worse, so the settings stay as they are${write ? ' and nothing was written' : ''}`];
  return [verdict, ...(changes.length === 0 ? [] : [check, ...refused])];
}

export function tuneReport({ changes, base, best, tried, heldOut, holds }: Tuned) {
  const costs = ({ cost, heldOutCost }: Tuned['base']) => ({
    cost: Math.round(cost * 1000) / 1000,
    held_out_cost: heldOutCost === undefined ? null : Math.round(heldOutCost * 1000) / 1000,
  });
  return {
    prices: PRICES,
    changes: namesOf(changes),
    before: costs(base),
    after: costs(best),
    clips_held_out: heldOut,
    holds,
    tried: tried.map((one) => ({ settings: namesOf(one.variant.changes), ...costs(one) })),
  };
}
