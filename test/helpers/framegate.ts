/**
 * The built command, run as users run it: a process of its own with a clean environment.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { until } from './until.ts';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly stderr: () => string;
  readonly finished: Promise<Finished>;
  /** Resolves when stderr has `text`. */
  says(text: string): Promise<void>;
}

export interface Place {
  /** Working folder; default: a new empty one. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A folder that is gone after the test. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'framegate-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts `framegate` with these arguments. It is killed when the test is over. */
export function startFramegate(args: readonly string[], { cwd = newFolder(), env = {} }: Place = {}): Running {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} does not exist: run npm run build`);
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: { PATH: process.env['PATH'], HOME: cwd, FRAMEGATE_DATA_DIR: join(cwd, 'data'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const finished = new Promise<Finished>((resolve) => {
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  const says = (text: string) =>
    until(() => stderr.includes(text) || child.exitCode !== null, `"${text}" on stderr`).then(() => {
      if (!stderr.includes(text)) throw new Error(`ended without saying "${text}": ${stderr}`);
    });
  return { child, stderr: () => stderr, finished, says };
}

/** Runs `framegate` to its end. */
export function framegate(args: readonly string[], place?: Place): Promise<Finished> {
  return startFramegate(args, place).finished;
}
