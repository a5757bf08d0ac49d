import { onTestFinished } from 'vitest';

/** What is being opened, closed again when the test is over. */
export async function forTest<T extends AsyncDisposable>(opening: Promise<T>): Promise<T> {
  const opened = await opening;
  onTestFinished(() => opened[Symbol.asyncDispose]());
  return opened;
}
