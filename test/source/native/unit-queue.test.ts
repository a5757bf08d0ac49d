import { expect, test } from 'vitest';
import type { AccessUnit } from '../../../src/source/access-unit.ts';
import { UnitQueue } from '../../../src/source/native/unit-queue.ts';

const STREAM = { fourcc: 'H264', timeBase: [1, 90_000], width: 16, height: 16, extradata: Buffer.alloc(0) } as const;
const GOP = 10;

/** The `index`th access unit of a stream with ten a second and a keyframe each second. */
const unit = (index: number, bytes = 100, gop = GOP): AccessUnit => ({
  stream: STREAM,
  pts: index * 9000,
  key: index % gop === 0,
  data: Buffer.alloc(bytes),
  at: index * 100,
  time: 0,
});

async function takeAll(queue: UnitQueue): Promise<AccessUnit[]> {
  queue.end();
  const taken: AccessUnit[] = [];
  for (let next = await queue.take(); next; next = await queue.take()) taken.push(next);
  return taken;
}

test('a reader that keeps up gets everything, in order', async () => {
  const queue = new UnitQueue({ bytes: 1000, ms: 1000 });
  for (let index = 0; index < 100; index += 1) {
    expect(queue.push(unit(index))).toBe(0);
    expect((await queue.take())?.at).toBe(index * 100);
  }
  expect(queue.bytes).toBe(0);
});

test.each([
  ['bytes', { bytes: 3000, ms: 1e9 }],
  ['time', { bytes: 1e9, ms: 3000 }],
])(
  'a reader that sleeps finds no more than the bound of %s, from a keyframe on, and every loss is counted',
  async (_, bounds) => {
    const queue = new UnitQueue(bounds);
    let lost = 0;
    for (let index = 0; index < 1000; index += 1) {
      lost += queue.push(unit(index));
      expect(queue.bytes).toBeLessThanOrEqual(3100);
    }
    const taken = await takeAll(queue);
    expect(taken[0]?.key).toBe(true);
    expect(taken.at(-1)?.at).toBe(99_900);
    expect(taken.every(({ at }, index) => at === (taken[0]?.at ?? 0) + index * 100)).toBe(true);
    expect(taken.length + lost).toBe(1000);
  },
);

test('a reader that stops in the middle of a GOP goes on with a keyframe', async () => {
  const queue = new UnitQueue({ bytes: 3000, ms: 1e9 });
  for (let index = 0; index < 15; index += 1) queue.push(unit(index));
  for (let index = 0; index < 5; index += 1) await queue.take();
  let lost = 0;
  for (let index = 15; index < 60; index += 1) lost += queue.push(unit(index));
  const taken = await takeAll(queue);
  expect(lost).toBeGreaterThan(0);
  expect([taken[0]?.key, taken.length + lost]).toEqual([true, 55]);
});

test('a GOP that is longer than the bounds is given up to its end', async () => {
  const queue = new UnitQueue({ bytes: 1e9, ms: 3000 });
  let lost = 0;
  for (let index = 0; index < 210; index += 1) lost += queue.push(unit(index, 100, 200));
  const taken = await takeAll(queue);
  expect(taken.map(({ at }) => at)).toEqual(Array.from({ length: 10 }, (_, index) => 20_000 + index * 100));
  expect(lost).toBe(200);
});

test('a keyframe that is larger than the whole queue is given up, and what depends on it', async () => {
  const queue = new UnitQueue({ bytes: 3000, ms: 1e9 });
  const lost = [unit(0, 5000), unit(1), unit(2)].map((one) => queue.push(one));
  expect(lost).toEqual([1, 1, 1]);
  expect(queue.push(unit(10))).toBe(0);
  expect(queue.push(unit(20, 5000))).toBe(2);
  expect(queue.push(unit(30))).toBe(0);
  expect((await takeAll(queue)).map(({ at }) => at)).toEqual([3000]);
});

test('the reader gets what is left, then the error', async () => {
  const queue = new UnitQueue({ bytes: 3000, ms: 1e9 });
  const waiting = queue.take();
  queue.push(unit(0));
  queue.push(unit(1));
  queue.end(new Error('lost'));
  queue.end();
  expect((await waiting)?.at).toBe(0);
  expect((await queue.take())?.at).toBe(100);
  await expect(queue.take()).rejects.toThrow('lost');
});
