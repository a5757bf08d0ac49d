import { expect, test } from 'vitest';
import { BoundedQueue } from '../../src/lib/bounded-queue.ts';
import { Serial } from '../../src/lib/serial.ts';

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

test('a full queue gives up its oldest item and says which', async () => {
  const queue = new BoundedQueue<number>(2);
  expect([queue.push(1), queue.push(2), queue.push(3)]).toEqual([undefined, undefined, 1]);
  queue.close();
  expect(await collect(queue)).toEqual([2, 3]);
});

test('a reader that waits gets what comes, and ends when the queue is closed', async () => {
  const queue = new BoundedQueue<number>(8);
  const read = collect(queue);
  queue.push(1);
  await Promise.resolve();
  queue.push(2);
  queue.close();
  expect(await read).toEqual([1, 2]);
  expect(queue.push(3)).toBe(3);
});

test('tasks in series keep their order, and one that fails does not stop the next', async () => {
  const errors: unknown[] = [];
  const done: string[] = [];
  const serial = new Serial((error) => errors.push(error));
  void serial.run(async () => {
    await new Promise((resolve) => setTimeout(resolve, 10));
    done.push('slow');
  });
  void serial.run(() => Promise.reject(new Error('broken')));
  void serial.run(async () => {
    done.push('quick');
  });
  await serial.idle();
  expect(done).toEqual(['slow', 'quick']);
  expect(errors).toHaveLength(1);
});
