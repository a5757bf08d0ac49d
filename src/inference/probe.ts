/**
 * Is there a model that answers? Used by `validate --probe`, at start-up and by `doctor`.
 */
import type { ProbeResult } from '../lib/probe.ts';
import type { Target } from './target.ts';

/** A server may have to load the model for the first frame. */
const PROBE_TIMEOUT_MS = 15_000;

/** A plain gray picture of 64x64 pixels. */
const GRAY_JPEG =
  '/9j/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1xeXBkeFxlZ2P/2wBDARESEhgVGC8aGi9jQjhCY2Nj' +
  'Y2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2P/wAARCABAAEADASIAAhEBAxEB/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/E' +
  'ABQQAQAAAAAAAAAAAAAAAAAAAAD/xAAUAQEAAAAAAAAAAAAAAAAAAAAA/8QAFBEBAAAAAAAAAAAAAAAAAAAAAP/aAAwDAQACEQMRAD8AAAAAAAAAAAAAAAAA' +
  'AAAAAAAAAAAAAAAA/9k=';

export async function probeTarget(target: Target, wanted: string, signal: AbortSignal): Promise<ProbeResult> {
  const { display } = target.http;
  // Hosted and older servers have no such route; only a clear no counts.
  const ill = await target.health(signal, PROBE_TIMEOUT_MS);
  if (signal.aborted) return { ok: false, message: 'stopped' };
  if (ill) return { ok: false, message: ill.message };
  const startedAt = performance.now();
  const outcome = await target.ask({
    jpeg: Buffer.from(GRAY_JPEG, 'base64'),
    model: wanted,
    deadline: startedAt + PROBE_TIMEOUT_MS,
    account: undefined,
    signal,
  });
  if ('reason' in outcome) return { ok: false, message: outcome.message };
  const ms = Math.round(performance.now() - startedAt);
  return { ok: true, message: `${display} answers for ${target.modelFor(wanted)} in ${ms} ms` };
}
