import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../lib/units.ts';

/** A duration on the command line, in ms. */
export function durationArgument(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  throw new InvalidArgumentError('expected a duration such as 30s, 10m or 2h');
}
