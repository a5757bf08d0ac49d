import { CommanderError } from 'commander';
import { describeError, isFramegateError, systemErrorCode } from '../lib/errors.ts';
import { type Cli, EXIT } from './cli.ts';

/** Says why a command failed, and with which exit code it ends. */
export function reportFailure(cli: Cli, error: unknown): number {
  // Help and version end this way as well; commander has said everything already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (cli.signal.aborted) return EXIT.interrupted;
  if (isFramegateError(error, 'ERR_CONFIG_MISSING', 'ERR_CONFIG_INVALID', 'ERR_SECRET_MISSING')) {
    cli.say(describeError(error));
    return EXIT.badConfig;
  }
  const isExpected = isFramegateError(error) || systemErrorCode(error) !== undefined;
  cli.say(`error: ${isExpected ? describeError(error) : stackOf(error)}`);
  return isFramegateError(error, 'ERR_USAGE') ? EXIT.usage : EXIT.failure;
}

/** For faults of the program itself: whoever reports them needs the stack. */
export const stackOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
