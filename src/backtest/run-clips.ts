/**
 * Replays many clips, as many at a time as there are cores. What happens to one of them is its own affair.
 */
import { Semaphore } from '../lib/semaphore.ts';
import type { ClipOutcome } from './detail.ts';
import type { ClipJob, OnClipProgress } from './replay.ts';

export type ReplayClip = (job: ClipJob, onProgress: OnClipProgress, signal: AbortSignal) => Promise<ClipOutcome>;

/** What came of a clip. */
export type ClipResult =
  | { readonly job: ClipJob; readonly outcome: ClipOutcome }
  | { readonly job: ClipJob; readonly error: unknown };

/** Told of the clips that are done, and of the fraction of all work that is. */
export type OnProgress = (clips: number, fraction: number) => void;

/** Resolves in the order of `jobs`; throws only when `signal` aborts. */
export async function runClips(
  jobs: readonly ClipJob[],
  replay: ReplayClip,
  options: { readonly atOnce: number; readonly onProgress: OnProgress },
  signal: AbortSignal,
): Promise<readonly ClipResult[]> {
  const slots = new Semaphore(options.atOnce);
  const parts = jobs.map(() => 0);
  let done = 0;
  const tell = () => options.onProgress(done, parts.reduce((sum, part) => sum + part, 0) / Math.max(1, jobs.length));
  return Promise.all(
    jobs.map(async (job, index): Promise<ClipResult> => {
      using slot = await slots.acquire(signal);
      if (!slot) signal.throwIfAborted();
      try {
        const onProgress: OnClipProgress = (seconds, all) => {
          parts[index] = all ? Math.min(1, seconds / all) : 0;
          tell();
        };
        return { job, outcome: await replay(job, onProgress, signal) };
      } catch (error) {
        signal.throwIfAborted();
        return { job, error };
      } finally {
        parts[index] = 1;
        done += 1;
        tell();
      }
    }),
  );
}
