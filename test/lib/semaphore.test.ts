import { expect, test } from 'vitest';
import { Semaphore } from '../../src/lib/semaphore.ts';

test('permits are given in the order in which they were asked for', async () => {
  const semaphore = new Semaphore(1);
  const { signal } = new AbortController();
  const first = await semaphore.acquire(signal);
  const order: string[] = [];
  const waiting = ['a', 'b', 'c'].map(async (name) => {
    using _permit = await semaphore.acquire(signal);
    order.push(name);
  });
  first?.[Symbol.dispose]();
  await Promise.all(waiting);
  expect(order).toEqual(['a', 'b', 'c']);
});

test('one that gives up waiting takes no permit and is not handed one', async () => {
  const semaphore = new Semaphore(1);
  const held = await semaphore.acquire(new AbortController().signal);
  const giveUp = new AbortController();
  const abandoned = semaphore.acquire(giveUp.signal);
  const patient = semaphore.acquire(new AbortController().signal);
  giveUp.abort();
  expect(await abandoned).toBeUndefined();
  held?.[Symbol.dispose]();
  expect(await patient).toBeDefined();
});

test('a permit that is given back twice counts once', async () => {
  const semaphore = new Semaphore(1);
  const { signal } = new AbortController();
  const permit = await semaphore.acquire(signal);
  permit?.[Symbol.dispose]();
  permit?.[Symbol.dispose]();
  expect(await semaphore.acquire(signal)).toBeDefined();
  const aborting = new AbortController();
  const second = semaphore.acquire(aborting.signal);
  aborting.abort();
  expect(await second).toBeUndefined();
});

test('a higher limit lets those in who waited longest, a lower one waits for permits to come back', async () => {
  const semaphore = new Semaphore(1);
  const { signal } = new AbortController();
  const first = await semaphore.acquire(signal);
  const order: string[] = [];
  const [b, c] = ['b', 'c'].map(async (name) => {
    const permit = await semaphore.acquire(signal);
    order.push(name);
    return permit;
  });
  semaphore.limit = 2;
  const second = await b;
  expect(order).toEqual(['b']);
  semaphore.limit = 1;
  first?.[Symbol.dispose]();
  await new Promise((resolve) => setImmediate(resolve));
  expect(order).toEqual(['b']);
  second?.[Symbol.dispose]();
  await c;
  expect(order).toEqual(['b', 'c']);
});
