/**
 * Is there a model that answers? Used by `validate --probe`, at start-up and by `doctor`.
 */
import { LinkedAbort } from '../lib/abort.ts';
import type { ProbeResult } from '../lib/probe.ts';
import type { InferenceClient } from './client.ts';
import type { InferenceConfig } from './config.ts';
import { errorFailure, said } from './failure.ts';
import type { HttpTarget } from './http-target.ts';

/** A server may have to load the model for the first frame. */
const PROBE_TIMEOUT_MS = 15_000;

/** A plain gray picture of 64x64 pixels. */
const GRAY_JPEG =
  '/9j/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1xeXBkeFxlZ2P/2wBDARESEhgVGC8aGi9jQjhCY2Nj' +
  'Y2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2P/wAARCABAAEADASIAAhEBAxEB/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/E' +
  'ABQQAQAAAAAAAAAAAAAAAAAAAAD/xAAUAQEAAAAAAAAAAAAAAAAAAAAA/8QAFBEBAAAAAAAAAAAAAAAAAAAAAP/aAAwDAQACEQMRAD8AAAAAAAAAAAAAAAAA' +
  'AAAAAAAAAAAAAAAA/9k=';

export async function probeInference(
  target: HttpTarget,
  { model }: InferenceConfig,
  infer: InferenceClient['infer'],
  signal: AbortSignal,
): Promise<ProbeResult> {
  using link = new LinkedAbort(signal, PROBE_TIMEOUT_MS);
  const deadline = performance.now() + PROBE_TIMEOUT_MS;
  try {
    const ready = await target.request({ method: 'GET', path: '/readiness' }, link.signal);
    // Hosted and older servers have no such route; only a clear no counts.
    if (ready.status === 503) {
      return { ok: false, message: `${target.display} is not ready yet${said(ready.text, target.clean)}` };
    }
  } catch (error) {
    if (signal.aborted) return { ok: false, message: 'stopped' };
    const { message } = errorFailure(target.display, error, target.clean);
    return { ok: false, message: link.timedOut ? `${target.display} does not answer` : message };
  }
  const jpeg = Buffer.from(GRAY_JPEG, 'base64');
  const picture = { jpeg, at: performance.now(), time: Date.now() };
  const verdict = await infer(picture, { model, deadline, signal });
  if (verdict.verdict === 'unknown') return { ok: false, message: verdict.message };
  return { ok: true, message: `${target.display} answers for ${model} in ${Math.round(verdict.latencyMs)} ms` };
}
