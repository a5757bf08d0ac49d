import { expect, test } from 'vitest';
import { Pictures } from '../../../src/source/decode/pictures.ts';

test('the first frame at or after the ordered moment is wanted, once', () => {
  const pictures = new Pictures();
  pictures.order(1000);
  expect([800, 1200, 1400].map((at) => pictures.wants(at) !== undefined)).toEqual([false, true, false]);
});

test('a picture can be had before and after it has come', async () => {
  const pictures = new Pictures();
  pictures.order(0);
  pictures.wants(40);
  const early = pictures.of(40);
  pictures.put(40, { jpeg: Buffer.from('jpeg') });
  expect(String((await early)?.jpeg)).toBe('jpeg');
  expect(String((await pictures.of(40))?.jpeg)).toBe('jpeg');
  expect(pictures.of(80)).toBeUndefined();
});

test('an order that nobody came for in time is void', () => {
  const pictures = new Pictures();
  pictures.order(0);
  expect(pictures.wants(60_000)).toBeUndefined();
});

test('only the newest are kept, and who waits for one that will not come is told', async () => {
  const pictures = new Pictures();
  const waiting = [];
  for (const at of [1, 2, 3]) {
    pictures.order(at);
    pictures.wants(at);
    waiting.push(pictures.of(at));
  }
  expect(await waiting[0]).toBeUndefined();
  expect(pictures.of(1)).toBeUndefined();
  pictures.clear();
  expect(await waiting[2]).toBeUndefined();
});
