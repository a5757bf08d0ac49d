import { expect, test } from 'vitest';
import type { AccessUnit } from '../../src/source/access-unit.ts';
import { GopRing } from '../../src/source/gop-ring.ts';

const stream = { fourcc: 'H264', timeBase: [1, 1000] as const, width: 16, height: 16, extradata: Buffer.alloc(0) };
const unit = (at: number, key = false, bytes = 10): AccessUnit => ({
  stream,
  at,
  time: at,
  pts: at,
  key,
  data: Buffer.alloc(bytes),
});
const ats = (units: readonly AccessUnit[]) => units.map(({ at }) => at);

test('a picture is decoded from its own keyframe', () => {
  const ring = new GopRing({ bytes: 1e6, gops: 1, ms: 0 });
  for (const at of [0, 10, 20, 30, 40, 50]) ring.push(unit(at, at % 30 === 0));
  expect(ats(ring.upTo(20))).toEqual([0, 10, 20]);
  expect(ats(ring.upTo(45))).toEqual([30, 40]);
  expect(ats(ring.upTo(-1))).toEqual([]);
});

test('only as many GOPs as wanted are kept', () => {
  const ring = new GopRing({ bytes: 1e6, gops: 1, ms: 0 });
  for (let at = 0; at < 100; at += 10) ring.push(unit(at, at % 20 === 0));
  expect(ats(ring.upTo(50))).toEqual([]);
  expect(ats(ring.upTo(70))).toEqual([60, 70]);
  expect(ring.bytes).toBe(40);
});

test('what comes before the first keyframe is not kept', () => {
  const ring = new GopRing({ bytes: 1e6, gops: 1, ms: 0 });
  ring.push(unit(0));
  expect([ring.bytes, ring.upTo(0).length]).toEqual([0, 0]);
});

test('a GOP that does not fit costs the previous one, then itself, and the next keyframe starts anew', () => {
  const ring = new GopRing({ bytes: 100, gops: 1, ms: 0 });
  ring.push(unit(0, true, 40));
  ring.push(unit(10, true, 40));
  ring.push(unit(20, false, 40));
  expect([ats(ring.upTo(5)), ats(ring.upTo(20))]).toEqual([[], [10, 20]]);
  ring.push(unit(30, false, 40));
  expect([ring.bytes, ring.upTo(30).length]).toEqual([0, 0]);
  ring.push(unit(40, true, 40));
  expect(ats(ring.upTo(40))).toEqual([40]);
});

test('a replay begins at the keyframe before the moment, or with all there is', () => {
  const ring = new GopRing({ bytes: 1e6, gops: 3, ms: 0 });
  for (let at = 0; at < 100; at += 10) ring.push(unit(at, at % 30 === 0));
  expect(ats(ring.since(45))).toEqual([30, 40, 50, 60, 70, 80, 90]);
  expect(ats(ring.since(30))).toEqual([30, 40, 50, 60, 70, 80, 90]);
  expect(ats(ring.since(-1))).toHaveLength(10);
  expect(ring.newest?.at).toBe(90);
});

test('memory is given back once all in it is dropped, unless it was lent', () => {
  const given: ArrayBufferLike[] = [];
  const ring = new GopRing({ bytes: 1e6, gops: 1, ms: 0 }, (memory) => given.push(memory));
  const memory = [0, 1, 2, 3].map(() => Buffer.from(new ArrayBuffer(32)));
  const put = (at: number, key: boolean, index: number, from: number) =>
    ring.push({ ...unit(at, key), data: (memory[index] as Buffer).subarray(from, from + 10) });
  put(0, true, 0, 0);
  put(10, false, 0, 10);
  put(20, true, 0, 20);
  put(30, false, 1, 0);
  put(40, true, 2, 0);
  expect(given).toEqual([]);
  put(60, true, 3, 0);
  expect(given).toEqual([memory[0]?.buffer, memory[1]?.buffer]);
  expect(ring.upTo(40)).toHaveLength(1);
  put(80, true, 3, 10);
  put(100, true, 3, 20);
  expect(given).toHaveLength(2);
});

test('what was lent is given back once it has returned and the ring has dropped it, in either order', () => {
  const given: ArrayBufferLike[] = [];
  const ring = new GopRing({ bytes: 1e6, gops: 1, ms: 0 }, (memory) => given.push(memory));
  const [early, late, own] = [0, 1, 2].map((index) => {
    const lent = { ...unit(index * 10, true), data: Buffer.from(new ArrayBuffer(10)) };
    ring.push(lent);
    return lent;
  }) as [AccessUnit, AccessUnit, AccessUnit];
  expect(given).toEqual([early.data.buffer]);
  const giveBack = [ring.lend(late), ring.lend(late), ring.lend(own)];
  ring.push(unit(30, true));
  giveBack[0]?.();
  expect(given).toHaveLength(1);
  giveBack[1]?.();
  expect(given.slice(1)).toEqual([late.data.buffer]);
  giveBack[2]?.();
  expect(given).toHaveLength(2);
  ring.push(unit(40, true));
  expect(given.slice(2)).toContain(own.data.buffer);
});

test('what nobody will ask for any more can be dropped, all but one GOP before', () => {
  const ring = new GopRing({ bytes: 1e6, gops: 9, ms: 0 });
  for (let at = 0; at < 100; at += 10) ring.push(unit(at, at % 20 === 0));
  ring.dropBefore(85);
  expect(ats(ring.since(0))).toEqual([60, 70, 80, 90]);
  expect(ring.bytes).toBe(40);
});
