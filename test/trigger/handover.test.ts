import { setImmediate as turn } from 'node:timers';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type DropReason, Handover } from '../../src/trigger/handover.ts';
import { random } from '../motion/scene.ts';

const nextTurn = promisify(turn);

interface Item {
  readonly name: string;
  readonly reason: 'opened' | 'interval';
  readonly deadline: number;
}

function item(name: string, reason: Item['reason'], ms = 10_000): Item {
  return { name, reason, deadline: performance.now() + ms };
}

function open() {
  const drops: [string, DropReason][] = [];
  return { drops, handover: new Handover<Item>(({ name }, reason) => drops.push([name, reason])) };
}

function names(handover: Handover<Item>): string[] {
  const taken: string[] = [];
  for (let next = handover.takeNow(); next; next = handover.takeNow()) taken.push(next.name);
  return taken;
}

const never = new AbortController().signal;

describe('what waits', () => {
  it('is the first frame of the opened gate and the newest one, given out in this order', () => {
    const { handover, drops } = open();
    handover.offer(item('first', 'opened'));
    for (const name of ['second', 'third', 'fourth']) handover.offer(item(name, 'interval'));
    expect(drops).toEqual([
      ['second', 'superseded'],
      ['third', 'superseded'],
    ]);
    expect(names(handover)).toEqual(['first', 'fourth']);
  });

  it('is only the newest one once the first was taken', () => {
    const { handover, drops } = open();
    handover.offer(item('first', 'opened'));
    handover.takeNow();
    handover.offer(item('second', 'interval'));
    handover.offer(item('third', 'interval'));
    expect(drops).toEqual([['second', 'superseded']]);
    expect(names(handover)).toEqual(['third']);
  });

  it('gives up an older first frame only for two newer frames', () => {
    const { handover, drops } = open();
    handover.offer(item('first', 'opened'));
    handover.offer(item('tail', 'interval'));
    handover.offer(item('again', 'opened'));
    expect(drops).toEqual([['tail', 'superseded']]);
    handover.offer(item('newest', 'interval'));
    expect(drops.at(-1)).toEqual(['first', 'superseded']);
    expect(names(handover)).toEqual(['again', 'newest']);
  });
});

describe('a deadline', () => {
  it('drops what waits beyond it, without anybody asking', async () => {
    const { handover, drops } = open();
    handover.offer(item('short', 'opened', 30));
    handover.offer(item('long', 'interval', 10_000));
    await expect.poll(() => drops).toEqual([['short', 'stale']]);
    expect(names(handover)).toEqual(['long']);
  });

  it('that has passed is no reason to wait', () => {
    const { handover, drops } = open();
    handover.offer(item('late', 'opened', -1));
    expect(drops).toEqual([['late', 'stale']]);
    expect(handover.size).toBe(0);
  });

  it('is looked at when an item is taken, though its timer had no chance to run', () => {
    const { handover, drops } = open();
    handover.offer(item('short', 'opened', 5));
    const until = performance.now() + 10;
    while (performance.now() < until);
    expect(handover.takeNow()).toBeUndefined();
    expect(drops).toEqual([['short', 'stale']]);
  });
});

describe('a taker', () => {
  it('gets what is offered later', async () => {
    const { handover } = open();
    const taken = handover.take(never);
    handover.offer(item('first', 'opened'));
    expect((await taken)?.name).toBe('first');
  });

  it('is let go by its signal, and misses nothing of what comes after', async () => {
    const { handover, drops } = open();
    const stop = new AbortController();
    const taken = handover.take(stop.signal);
    stop.abort();
    expect(await taken).toBeUndefined();
    handover.offer(item('first', 'opened'));
    expect(names(handover)).toEqual(['first']);
    expect(drops).toEqual([]);
  });

  it('is told that something waits without taking it', async () => {
    const { handover } = open();
    const waiting = handover.waiting(never);
    handover.offer(item('first', 'opened'));
    await waiting;
    await handover.waiting(never);
    expect(handover.size).toBe(1);
  });

  it('shares with others: each item goes to one of them', async () => {
    const { handover } = open();
    const stop = new AbortController();
    const both = [handover.take(stop.signal), handover.take(stop.signal)];
    handover.offer(item('first', 'opened'));
    handover.offer(item('second', 'interval'));
    expect((await Promise.all(both)).map((taken) => taken?.name)).toEqual(['first', 'second']);
  });
});

describe('close', () => {
  it('drops what waits and what still comes as stopped, and lets takers go', async () => {
    const { handover, drops } = open();
    handover.offer(item('first', 'opened'));
    handover.offer(item('second', 'interval'));
    handover.close();
    handover.offer(item('third', 'interval'));
    expect(drops).toEqual([
      ['first', 'stopped'],
      ['second', 'stopped'],
      ['third', 'stopped'],
    ]);
    expect(await handover.take(never)).toBeUndefined();
  });

  it('wakes a taker that waits', async () => {
    const { handover } = open();
    const taken = handover.take(never);
    handover.close();
    expect(await taken).toBeUndefined();
  });
});

it.each([1, 2, 3, 4, 5])('loses and doubles nothing, whatever happens in whatever order (seed %i)', async (seed) => {
  const next = random(seed);
  const fates = new Map<string, string[]>();
  const note = (name: string, fate: string) => fates.set(name, [...(fates.get(name) ?? []), fate]);
  const handover = new Handover<Item>(({ name }, reason) => note(name, reason));
  const stop = new AbortController();
  const takers: Promise<void>[] = [];
  let offered = 0;
  let newestOpened = '';
  const check = () => {
    expect(handover.size).toBeLessThanOrEqual(2);
    expect(fates.size + handover.size).toBe(offered);
    expect([...fates.values()].every((fate) => fate.length === 1)).toBe(true);
    expect(fates.get(newestOpened)).not.toEqual(['superseded']);
  };
  for (let step = 0; step < 400; step += 1) {
    const dice = next();
    if (dice < 0.5) {
      const reason = next() < 0.3 ? 'opened' : 'interval';
      const offer = item(`item ${offered}`, reason, next() < 0.3 ? next() * 4 - 1 : 10_000);
      offered += 1;
      if (reason === 'opened') newestOpened = offer.name;
      handover.offer(offer);
    } else if (dice < 0.7) {
      const taken = handover.takeNow();
      if (taken) note(taken.name, 'taken');
    } else if (dice < 0.8 && takers.length < 20) {
      takers.push(handover.take(stop.signal).then((taken) => taken && note(taken.name, 'taken')) as Promise<void>);
      // Takers are served in a later turn; until then an item may be theirs and not noted yet.
      await nextTurn();
    } else {
      await nextTurn();
    }
    await nextTurn();
    check();
  }
  offered += 1;
  handover.offer(item('last', 'interval', 10_000));
  handover.close();
  stop.abort();
  await Promise.all(takers);
  check();
  expect(handover.size).toBe(0);
  expect(new Set([...fates.values()].flat())).toEqual(new Set(['taken', 'superseded', 'stale', 'stopped']));
});
