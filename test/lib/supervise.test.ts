import { expect, test } from 'vitest';
import { supervise } from '../../src/lib/supervise.ts';

const backoff = { initialMs: 20, maxMs: 80, healthyMs: 1000 };

test('a task that fails is run again until the signal aborts', async () => {
  const controller = new AbortController();
  const failures: unknown[] = [];
  let runs = 0;
  await supervise(
    async () => {
      runs += 1;
      if (runs === 4) controller.abort();
      throw new Error(`run ${runs}`);
    },
    controller.signal,
    { backoff, onFailure: (error) => failures.push((error as Error).message) },
  );
  expect(runs).toBe(4);
  expect(failures).toEqual(['run 1', 'run 2', 'run 3']);
});

test('the wait doubles from failure to failure, with jitter of at most a half, and is bounded', async () => {
  const controller = new AbortController();
  const waits: number[] = [];
  await supervise(() => Promise.reject(new Error('no')), controller.signal, {
    backoff,
    onFailure: (_, wait, attempt) => {
      waits.push(wait);
      if (attempt === 5) controller.abort();
    },
  });
  for (const [index, bound] of [20, 40, 80, 80, 80].entries()) {
    expect(waits[index]).toBeGreaterThanOrEqual(bound / 2);
    expect(waits[index]).toBeLessThanOrEqual(bound);
  }
});

test('a run that was healthy makes the next failure the first one again', async () => {
  const controller = new AbortController();
  const attempts: number[] = [];
  let runs = 0;
  await supervise(
    async () => {
      runs += 1;
      if (runs === 3) await new Promise((resolve) => setTimeout(resolve, 40));
      throw new Error('no');
    },
    controller.signal,
    {
      backoff: { initialMs: 1, maxMs: 1, healthyMs: 30 },
      onFailure: (_, __, attempt) => {
        attempts.push(attempt);
        if (runs === 4) controller.abort();
      },
    },
  );
  expect(attempts).toEqual([1, 2, 1, 2]);
});

test('an abort during the wait ends it at once and starts nothing more', async () => {
  const controller = new AbortController();
  let runs = 0;
  await supervise(
    () => {
      runs += 1;
      setTimeout(() => controller.abort(), 10);
      return Promise.reject(new Error('no'));
    },
    controller.signal,
    { backoff: { initialMs: 60_000, maxMs: 60_000, healthyMs: 1 }, onFailure: () => undefined },
  );
  expect(runs).toBe(1);
});
