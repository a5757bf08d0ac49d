#!/usr/bin/env node
/**
 * The process: arguments in, exit code out. The only place with signal handlers and process.exit.
 */
import { type Cli, EXIT } from './cli/cli.ts';
import { createProgram } from './cli/program.ts';
import { reportFailure, stackOf } from './cli/report.ts';
import { redact } from './lib/redact.ts';

/** What is left to stop after a crash has this long. */
const CRASH_DEADLINE_MS = 5000;
/** One Ctrl-C arrives twice under `npm run`: from the terminal, and from npm, which passes it on. */
const SAME_SIGNAL_MS = 300;

async function main(): Promise<number> {
  const interrupt = new AbortController();
  const secrets: string[] = [];
  let code: number = EXIT.ok;
  let drawn = false;
  const say = (text: string) => {
    process.stderr.write(`${drawn ? '\r\x1b[K' : ''}${redact(text, secrets)}\n`);
    drawn = false;
  };
  const cli: Cli = {
    env: process.env,
    signal: interrupt.signal,
    isTerminal: process.stderr.isTTY === true,
    print: (text) => void process.stdout.write(`${text}\n`),
    say,
    draw: (text) => {
      if (!cli.isTerminal) return;
      process.stderr.write(`\r\x1b[K${redact(text, secrets)}`);
      drawn = text !== '';
    },
    conceal: (more) => void secrets.push(...more),
    fail: (failure) => {
      code = failure;
    },
    onHangup: (listener) => void process.on('SIGHUP', listener),
  };

  let stoppedAt = Number.NaN;
  const stop = () => {
    if (performance.now() - stoppedAt < SAME_SIGNAL_MS) return;
    if (interrupt.signal.aborted) process.exit(EXIT.interrupted);
    stoppedAt = performance.now();
    say('stopping; send it again to stop at once');
    interrupt.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  // Rejections that nobody handles arrive here as well. The state is unknown now: stop, and do not go on.
  process.on('uncaughtException', (error) => {
    say(`fatal: ${stackOf(error)}`);
    code = EXIT.failure;
    interrupt.abort();
    setTimeout(() => process.exit(EXIT.failure), CRASH_DEADLINE_MS).unref();
  });
  // `framegate schema | head`: the reader has what it wanted.
  process.stdout.on('error', () => process.exit(EXIT.ok));

  try {
    await createProgram(cli).parseAsync(process.argv);
    return code;
  } catch (error) {
    return code || reportFailure(cli, error);
  }
}

process.exit(await main());
