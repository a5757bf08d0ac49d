/**
 * Real processes for end-to-end tests: the built CLI, and the servers around it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { until } from './until.ts';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export interface RunningProcess {
  readonly child: ChildProcess;
  /** What it wrote to stdout and stderr so far, line by line. */
  readonly lines: readonly string[];
  /** Waits for a line, among those written already too. */
  line(pattern: RegExp, ms?: number): Promise<string>;
  /** Ends it with `signal`, waits until it is gone, and gives its exit code. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts a program; it is killed when the test is over. */
export function start(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): RunningProcess {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => lines.push(line));
  const exited = once(child, 'exit');
  const end = async (signal: NodeJS.Signals = 'SIGTERM') => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await exited;
    return child.exitCode;
  };
  onTestFinished(async () => {
    await end('SIGKILL');
  });
  return {
    child,
    lines,
    end,
    line: async (pattern, ms = 20_000) => {
      const find = () => lines.find((line) => pattern.test(line));
      await until(
        () => find() !== undefined,
        `${command} writes ${pattern}; it wrote:\n${lines.slice(-20).join('\n')}`,
        ms,
      );
      return find() ?? '';
    },
  };
}

/** Starts the built `framegate`. */
export function startFramegate(args: readonly string[], env: NodeJS.ProcessEnv = {}): RunningProcess {
  return start(process.execPath, [MAIN, ...args], env);
}

/** A TCP port on loopback that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
