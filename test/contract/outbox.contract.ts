/**
 * What every outbox must do, whatever it is made of.
 */
import { afterEach, describe, expect, it } from 'vitest';
import type { OutboxEntry } from '../../src/events/message.ts';
import type { DiscardReason, Outbox, OutboxStats } from '../../src/outbox/outbox.ts';

export interface OutboxUnderTest {
  readonly maxEntries: number;
  readonly maxBytes: number;
  readonly onDiscard: (entry: OutboxEntry, reason: DiscardReason) => void;
}

/** An entry of exactly `bytes` bytes, topic included. */
export function entry(id: string, bytes = 20, camera = 'front'): OutboxEntry {
  const topic = `t/${camera}`;
  return { id, camera, topic, payload: id.padEnd(bytes - topic.length, '.'), retain: false, qos: 1 };
}

const never = new AbortController().signal;

function expectIdentity(stats: OutboxStats): void {
  const discarded = Object.values(stats.discarded).reduce((sum, count) => sum + count, 0);
  expect(stats.appended).toBe(stats.acknowledged + stats.pending + discarded);
}

export function outboxContract(name: string, open: (options: OutboxUnderTest) => Promise<Outbox>): void {
  describe(`${name} keeps the contract of an outbox`, () => {
    const opened: Outbox[] = [];
    const discarded: Array<[id: string, reason: DiscardReason]> = [];
    const start = async (limits: Partial<OutboxUnderTest> = {}) => {
      const onDiscard = ({ id }: OutboxEntry, reason: DiscardReason) => void discarded.push([id, reason]);
      const outbox = await open({ maxEntries: 1000, maxBytes: 1_000_000, onDiscard, ...limits });
      opened.push(outbox);
      return outbox;
    };
    const ids = async (outbox: Outbox, max = 1000) =>
      (await outbox.next(max, never)).map((pending) => pending.entry.id);

    afterEach(async () => {
      discarded.length = 0;
      for (const outbox of opened.splice(0)) await outbox[Symbol.asyncDispose]();
    });

    it('is empty at first', async () => {
      const outbox = await start();
      expect(outbox.stats()).toEqual({
        appended: 0,
        acknowledged: 0,
        pending: 0,
        pendingBytes: 0,
        discarded: { outbox_full: 0, too_large: 0, undeliverable: 0 },
      });
    });

    it('yields entries in the order in which they were appended, with rising sequences, and unchanged', async () => {
      const outbox = await start();
      const picture: OutboxEntry = { ...entry('b'), payload: Buffer.from([0, 255, 128, 10]), retain: true, qos: 0 };
      await outbox.append([entry('a'), picture]);
      await outbox.append([entry('c')]);
      const pending = await outbox.next(10, never);
      expect(pending.map((item) => item.entry)).toEqual([entry('a'), picture, entry('c')]);
      const sequences = pending.map(({ sequence }) => sequence);
      expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
      expect(new Set(sequences).size).toBe(3);
    });

    it('yields no more than asked for, and the same again until it is acknowledged', async () => {
      const outbox = await start();
      await outbox.append(['a', 'b', 'c'].map((id) => entry(id)));
      expect(await ids(outbox, 2)).toEqual(['a', 'b']);
      const [first, second] = await outbox.next(2, never);
      await outbox.acknowledge(second!.sequence);
      expect(await ids(outbox)).toEqual(['a', 'c']);
      await outbox.acknowledge(first!.sequence);
      expect(await ids(outbox)).toEqual(['c']);
    });

    it('counts an entry once however often it is acknowledged or discarded', async () => {
      const outbox = await start();
      await outbox.append([entry('a'), entry('b')]);
      const [a, b] = await outbox.next(2, never);
      await outbox.acknowledge(a!.sequence);
      await outbox.acknowledge(a!.sequence);
      await outbox.discard(a!.sequence, 'undeliverable');
      await outbox.discard(b!.sequence, 'undeliverable');
      await outbox.acknowledge(b!.sequence);
      await outbox.acknowledge(12_345);
      expect(outbox.stats()).toMatchObject({ appended: 2, acknowledged: 1, pending: 0, pendingBytes: 0 });
      expect(outbox.stats().discarded.undeliverable).toBe(1);
      expect(discarded).toEqual([['b', 'undeliverable']]);
    });

    it('makes a reader wait for the first entry', async () => {
      const outbox = await start();
      const reading = ids(outbox);
      await outbox.append([]);
      await outbox.append([entry('a')]);
      expect(await reading).toEqual(['a']);
    });

    it('lets a waiting reader go when its signal aborts, and one that comes too late', async () => {
      const outbox = await start();
      const controller = new AbortController();
      const reading = outbox.next(1, controller.signal);
      controller.abort();
      expect(await reading).toEqual([]);
      await outbox.append([entry('a')]);
      expect(await outbox.next(1, controller.signal)).toEqual([]);
      expect(await ids(outbox)).toEqual(['a']);
    });

    it('discards the oldest when there are too many', async () => {
      const outbox = await start({ maxEntries: 2 });
      await outbox.append([entry('a'), entry('b'), entry('c')]);
      await outbox.append([entry('d')]);
      expect(await ids(outbox)).toEqual(['c', 'd']);
      expect(discarded).toEqual([
        ['a', 'outbox_full'],
        ['b', 'outbox_full'],
      ]);
      expect(outbox.stats()).toMatchObject({ appended: 4, pending: 2, discarded: { outbox_full: 2 } });
    });

    it('discards the oldest when they are too large together', async () => {
      const outbox = await start({ maxBytes: 100 });
      await outbox.append([entry('a', 40), entry('b', 40)]);
      await outbox.append([entry('c', 60)]);
      expect(await ids(outbox)).toEqual(['b', 'c']);
      expect(outbox.stats()).toMatchObject({ pendingBytes: 100, discarded: { outbox_full: 1 } });
    });

    it('does not empty itself for an entry that would never fit', async () => {
      const outbox = await start({ maxBytes: 100 });
      await outbox.append([entry('a', 40), entry('huge', 101), entry('b', 40)]);
      expect(await ids(outbox)).toEqual(['a', 'b']);
      expect(discarded).toEqual([['huge', 'too_large']]);
    });

    it.each([1, 2, 3, 4, 5])('loses count of nothing in a random life (seed %i)', async (seed) => {
      const random = generator(seed);
      const outbox = await start({ maxEntries: 20, maxBytes: 1000 });
      const model: string[] = [];
      let count = 0;
      for (let step = 0; step < 500; step += 1) {
        const dice = random();
        if (dice < 0.55) {
          const entries = Array.from({ length: Math.floor(random() * 4) }, () => {
            count += 1;
            return entry(`e${count}`, 20 + Math.floor(random() * (random() < 0.05 ? 2000 : 100)));
          });
          model.push(...entries.map(({ id }) => id));
          await outbox.append(entries);
        } else if (outbox.stats().pending > 0) {
          const batch = await outbox.next(1 + Math.floor(random() * 5), never);
          for (const { sequence, entry: gone } of batch) {
            if (random() < 0.3) continue;
            if (dice < 0.95) {
              await outbox.acknowledge(sequence);
              model.splice(model.indexOf(gone.id), 1);
            } else await outbox.discard(sequence, 'undeliverable');
          }
        }
        for (const [id] of discarded.splice(0)) model.splice(model.indexOf(id), 1);
        expectIdentity(outbox.stats());
        expect(outbox.stats().pendingBytes).toBeLessThanOrEqual(1000);
        expect(outbox.stats().pending).toBe(model.length);
        if (model.length > 0) expect(await ids(outbox)).toEqual(model);
      }
      expect(outbox.stats().appended).toBe(count);
      expect(outbox.stats().discarded.too_large).toBeGreaterThan(0);
      expect(outbox.stats().discarded.outbox_full).toBeGreaterThan(0);
    });
  });
}

/** Numbers 0..1 that are the same in each run (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
