import { expect, test } from 'vitest';
import { aborted } from '../../src/lib/abort.ts';
import { together } from '../../src/lib/together.ts';

test('the first failure stops the others and is what the caller gets', async () => {
  const stopped: string[] = [];
  const failing = together(
    new AbortController().signal,
    async (signal) => {
      await aborted(signal);
      stopped.push('a');
      throw new Error('too late');
    },
    () => Promise.reject(new Error('first')),
  );
  await expect(failing).rejects.toThrow('first');
  expect(stopped).toEqual(['a']);
});

test('a task that ends by itself ends the others', async () => {
  const stopped: string[] = [];
  await together(
    new AbortController().signal,
    async (signal) => {
      await aborted(signal);
      stopped.push('a');
    },
    async () => undefined,
  );
  expect(stopped).toEqual(['a']);
});
