import { expect, it } from 'vitest';
import { objectId } from '../../src/tracking/object-id.ts';

it('is the start in seconds and six random characters, different each time', () => {
  const ids = Array.from({ length: 100 }, () => objectId(1_700_000_000_125.4));
  for (const id of ids) expect(id).toMatch(/^1700000000\.125-[a-z0-9]{6}$/);
  expect(new Set(ids).size).toBe(100);
});
