import { LinkedAbort } from '../../lib/abort.ts';
import { describeError } from '../../lib/errors.ts';

/** One line of the doctor's page. `warning`: worth knowing, nothing has to be done. */
export interface Finding {
  readonly name: string;
  readonly state: 'ok' | 'warning' | 'problem';
  readonly message: string;
  /** What to do about it. */
  readonly fix?: string;
}

export const ok = (name: string, message: string): Finding => ({ name, state: 'ok', message });

export const warning = (name: string, message: string, fix?: string): Finding => ({
  name,
  state: 'warning',
  message,
  ...(fix !== undefined && { fix }),
});

export const problem = (name: string, message: string, fix?: string): Finding => ({
  ...warning(name, message, fix),
  state: 'problem',
});

const DEADLINE_MS = 30_000;

/** Runs a check that may take its time or fail; that it did is its finding. */
export async function guarded(
  name: string,
  signal: AbortSignal,
  check: (signal: AbortSignal) => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  using link = new LinkedAbort(signal, DEADLINE_MS);
  const expired = new Promise<readonly Finding[]>((resolve) => {
    link.signal.addEventListener('abort', () => resolve([problem(name, 'gave no answer in time')]), { once: true });
  });
  try {
    return await Promise.race([check(link.signal), expired]);
  } catch (error) {
    return [problem(name, describeError(error))];
  }
}
