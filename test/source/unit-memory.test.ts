import { expect, test } from 'vitest';
import { UnitMemory } from '../../src/source/unit-memory.ts';

test('memory that was closed and given back is used again', () => {
  const memory = new UnitMemory();
  const first = memory.open(100_000);
  expect(first.length).toBeGreaterThanOrEqual(100_000);
  memory.close(first);
  memory.reuse(first.buffer);
  memory.reuse(first.buffer);
  expect(memory.open(90_000).buffer).toBe(first.buffer);
  expect(memory.open(90_000).buffer).not.toBe(first.buffer);
});

test('memory that is still written to, or is not its own, is left alone', () => {
  const memory = new UnitMemory();
  const open = memory.open(1000);
  memory.reuse(open.buffer);
  const foreign = Buffer.from(new ArrayBuffer(16_384));
  memory.reuse(foreign.buffer);
  const next = memory.open(1000);
  expect([open.buffer, foreign.buffer]).not.toContain(next.buffer);
});

test('a small piece is not put into a huge one, nor is more kept than a few pictures', () => {
  const memory = new UnitMemory();
  const pieces = Array.from({ length: 80 }, () => memory.open(200_000));
  for (const piece of pieces) {
    memory.close(piece);
    memory.reuse(piece.buffer);
  }
  expect(pieces.map(({ buffer }) => buffer)).not.toContain(memory.open(1000).buffer);
  const kept = pieces
    .map(() => memory.open(200_000))
    .filter((one) => pieces.some(({ buffer }) => buffer === one.buffer));
  expect(kept.length).toBeGreaterThan(0);
  // Eight megabytes of them.
  expect(kept.length).toBeLessThanOrEqual(40);
});
