import { describe, expect, it } from 'vitest';
import { outboxConfig } from '../../src/outbox/config.ts';
import { MemoryOutbox } from '../../src/outbox/memory-outbox.ts';
import { entry, outboxContract } from '../contract/outbox.contract.ts';

outboxContract('the outbox in memory', async (options) => new MemoryOutbox(options));

describe('the outbox in memory', () => {
  it('takes its bounds from the config', async () => {
    const outbox = new MemoryOutbox(outboxConfig.parse({ maxEntries: 10, maxBytes: '1MiB' }));
    await outbox.append(Array.from({ length: 12 }, (_, index) => entry(`e${index}`)));
    expect(outbox.stats()).toMatchObject({ pending: 10, discarded: { outbox_full: 2 } });
    await outbox.append([entry('a', 700_000), entry('b', 700_000)]);
    expect(outbox.stats().pendingBytes).toBeLessThanOrEqual(1024 * 1024);
  });
});
