import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { LinkedAbort, sleep } from '../../src/lib/abort.ts';

test('a linked signal follows its parent, and leaves nothing behind on it', () => {
  const parent = new AbortController();
  {
    using link = new LinkedAbort(parent.signal);
    expect(link.signal.aborted).toBe(false);
    expect(getEventListeners(parent.signal, 'abort')).toHaveLength(1);
  }
  expect(getEventListeners(parent.signal, 'abort')).toHaveLength(0);
});

test('it tells a deadline from an abort of the parent', async () => {
  using late = new LinkedAbort(new AbortController().signal, 5);
  await sleep(1000, late.signal);
  expect([late.signal.aborted, late.timedOut]).toEqual([true, true]);
  const parent = new AbortController();
  using stopped = new LinkedAbort(parent.signal, 60_000);
  parent.abort();
  expect([stopped.signal.aborted, stopped.timedOut]).toEqual([true, false]);
});

test('a deadline that is over already ends it at once', () => {
  using link = new LinkedAbort(undefined, 0);
  expect([link.signal.aborted, link.timedOut]).toEqual([true, true]);
});

test('a sleep that is aborted leaves no listener', async () => {
  const controller = new AbortController();
  const sleeping = sleep(60_000, controller.signal);
  controller.abort();
  await sleeping;
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
});
