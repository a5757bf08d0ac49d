import { LinkedAbort } from './abort.ts';

/** A part of the program: resolves when the signal aborts, throws when it fails, never restarts itself. */
export type Task = (signal: AbortSignal) => Promise<void>;

/**
 * Runs tasks that live and die together: when one ends or fails, the others are aborted. Settles when all have settled; rejects with the
 * first failure.
 */
export async function together(signal: AbortSignal, ...tasks: Task[]): Promise<void> {
  using link = new LinkedAbort(signal);
  let failure: { readonly error: unknown } | undefined;
  await Promise.all(
    tasks.map(async (task) => {
      try {
        await task(link.signal);
      } catch (error) {
        failure ??= { error };
      } finally {
        link.abort();
      }
    }),
  );
  if (failure) throw failure.error;
}
