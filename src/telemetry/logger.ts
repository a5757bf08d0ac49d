import { pino } from 'pino';
import { redact } from '../lib/redact.ts';
import type { LogConfig } from './config.ts';

/**
 * Messages are lower-case sentences without a full stop; facts go into fields. Every string passes the redaction of
 * URLs and known secrets, so that no password of a camera or broker reaches a log.
 */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** A logger that adds `fields` to every line. */
  child(fields: LogFields): Logger;
}

export type LogFields = Readonly<Record<string, string | number | boolean | undefined | readonly string[]>>;

/**
 * Writes JSON lines to stderr; stdout is for data.
 * @param secrets values that are blotted out of every line; asked each time, as a reload may bring new ones.
 */
export function createLogger(
  config: LogConfig,
  secrets: () => readonly string[] = () => [],
  destination: NodeJS.WritableStream = process.stderr,
): Logger {
  const clean = <T>(value: T) => (typeof value === 'string' ? redact(value, secrets()) : value);
  return pino(
    {
      level: config.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, clean(value)])),
      },
      hooks: {
        logMethod(args, method) {
          method.apply(this, args.map(clean) as typeof args);
        },
      },
    },
    destination,
  );
}

/** For tests and finite commands that must stay quiet. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};
