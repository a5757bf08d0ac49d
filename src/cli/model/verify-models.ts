import { describeError } from '../../lib/errors.ts';
import type { ProbeResult } from '../../lib/probe.ts';
import type { ModelStore } from '../../models/store.ts';

export interface VerifiedModel extends ProbeResult {
  readonly ref: string;
}

/** Reads models whole and compares their hashes; without `refs` all that are installed, broken ones included. */
export async function verifyModels(store: ModelStore, refs: readonly string[] = []): Promise<VerifiedModel[]> {
  const results: VerifiedModel[] = [];
  for (const ref of refs.length > 0 ? refs : await installedRefs(store)) {
    try {
      const { manifest } = await store.verify(ref);
      results.push({ ref, ok: true, message: `SHA-256 ${manifest.sha256.slice(0, 16)}...` });
    } catch (error) {
      results.push({ ref, ok: false, message: describeError(error) });
    }
  }
  return results;
}

async function installedRefs(store: ModelStore): Promise<string[]> {
  const { models, broken } = await store.list();
  return [...models.map(({ ref }) => ref), ...broken.map(({ ref }) => ref)];
}
