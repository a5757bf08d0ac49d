import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';

/** A program that is being measured. */
export interface Child extends AsyncDisposable {
  readonly pid: number;
}

const TERMINATE_MS = 8000;

/** Starts a program whose output goes to the file `log`. Disposing ends it: SIGTERM, then SIGKILL. */
export async function startChild(
  command: string,
  args: readonly string[],
  log: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Child> {
  await using output = await open(log, 'a');
  const child = spawn(command, args, { stdio: ['ignore', output.fd, output.fd], env: { ...process.env, ...env } });
  await once(child, 'spawn');
  const exited = once(child, 'exit');
  return {
    pid: child.pid ?? 0,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const kill = setTimeout(() => child.kill('SIGKILL'), TERMINATE_MS);
      await exited;
      clearTimeout(kill);
    },
  };
}
