import { expect, test } from 'vitest';
import { aborted } from '../src/lib/abort.ts';
import { type Part, Parts } from '../src/parts.ts';

function recorder() {
  const log: string[] = [];
  const part = (key: string, settings: unknown, stage: Part['stage'] = 'source'): Part => ({
    key,
    stage,
    settings,
    run: async (signal) => {
      log.push(`+${key}`);
      await aborted(signal);
      log.push(`-${key}`);
    },
    onRemoved: () => log.push(`x${key}`),
  });
  return { log, part };
}

test('only what changed is stopped and started again', async () => {
  const { log, part } = recorder();
  const parts = new Parts(() => undefined);
  await parts.reconcile([part('mqtt', 1, 'sink'), part('a', { url: 1 }), part('b', { url: 1 })]);
  log.length = 0;
  const changes = await parts.reconcile([part('mqtt', 1, 'sink'), part('a', { url: 2 }), part('c', {})]);
  expect(changes).toEqual({ started: ['c'], restarted: ['a'], stopped: ['b'] });
  expect([...log].sort()).toEqual(['+a', '+c', '-a', '-b', 'xb']);
  await parts[Symbol.asyncDispose]();
});

test('sources stop before sinks', async () => {
  const { log, part } = recorder();
  const parts = new Parts(() => undefined);
  await parts.reconcile([part('mqtt', 1, 'sink'), part('a', 1), part('b', 1)]);
  await parts[Symbol.asyncDispose]();
  expect(log).toEqual(['+mqtt', '+a', '+b', '-a', '-b', '-mqtt']);
});

test('a part that crashes is told and does not keep the others from stopping', async () => {
  const { part } = recorder();
  const crashes: string[] = [];
  const parts = new Parts((key, error) => crashes.push(`${key}: ${(error as Error).message}`));
  await parts.reconcile([part('a', 1), { ...part('bad', 1), run: () => Promise.reject(new Error('oops')) }]);
  await parts[Symbol.asyncDispose]();
  expect(crashes).toEqual(['bad: oops']);
});
