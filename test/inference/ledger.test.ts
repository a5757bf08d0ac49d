import { expect, it } from 'vitest';
import { Ledger } from '../../src/inference/ledger.ts';
import { UNKNOWN_REASONS } from '../../src/inference/verdict.ts';

it('starts with every reason at zero', () => {
  const { byReason, ...rest } = new Ledger().snapshot();
  expect(rest).toEqual({ triggered: 0, answered: 0, unknown: 0, inFlight: 0 });
  expect(Object.entries(byReason)).toEqual(UNKNOWN_REASONS.map((reason) => [reason, 0]));
});

it('knows of each triggered frame where it is', () => {
  const ledger = new Ledger();
  const [first, second, third] = [ledger.triggered(), ledger.triggered(), ledger.triggered()];
  ledger.triggered();
  first?.answered();
  second?.unknown('timeout');
  third?.unknown('timeout');
  const { byReason, ...rest } = ledger.snapshot();
  expect(rest).toEqual({ triggered: 4, answered: 1, unknown: 2, inFlight: 1 });
  expect(byReason.timeout).toBe(2);
});

it('settles a frame once, whatever is said of it later', () => {
  const ledger = new Ledger();
  const frame = ledger.triggered();
  frame.unknown('stale');
  frame.answered();
  frame.unknown('timeout');
  expect(ledger.snapshot()).toMatchObject({ triggered: 1, answered: 0, unknown: 1, inFlight: 0 });
});

it('gives snapshots that later frames do not change', () => {
  const ledger = new Ledger();
  const frame = ledger.triggered();
  const before = ledger.snapshot();
  frame.unknown('rejected');
  expect(before).toMatchObject({ inFlight: 1, unknown: 0, byReason: { rejected: 0 } });
});
