import { watch } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { sleep } from '../lib/abort.ts';

/** Editors write a file in several steps; a change counts once nothing more happened for this long. */
const SETTLE_MS = 300;

/**
 * Calls `onChange` when `file` was changed, until `signal` aborts. Watches the folder, because editors replace the file rather than write
 * into it.
 */
export async function watchFile(file: string, onChange: () => Promise<void>, signal: AbortSignal): Promise<void> {
  let generation = 0;
  const settle = async (own: number) => {
    await sleep(SETTLE_MS, signal);
    if (own === generation && !signal.aborted) await onChange();
  };
  const settling = new Set<Promise<void>>();
  try {
    for await (const { filename } of watch(dirname(file), { signal })) {
      if (filename !== basename(file)) continue;
      generation += 1;
      const settled = settle(generation).finally(() => settling.delete(settled));
      settling.add(settled);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await Promise.all(settling);
  }
}
