import { expect, test } from 'vitest';
import { WakeBudget } from '../../../src/source/wake/wake-budget.ts';

const MINUTE = 60_000;

test('a few wakes in vain may come in a row, then one in some minutes', () => {
  const budget = new WakeBudget();
  let vain = 0;
  for (let at = 0; at < 60 * MINUTE; at += 1000) {
    if (!budget.allows(at)) continue;
    vain += 1;
    budget.wasInVain();
  }
  expect(vain).toBeGreaterThan(15);
  expect(vain).toBeLessThan(25);
});

test('wakes that were right cost nothing', () => {
  const budget = new WakeBudget();
  for (let at = 0; at < 60 * MINUTE; at += 1000) expect(budget.allows(at)).toBe(true);
});
