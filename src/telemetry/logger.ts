import { pino } from 'pino';
import { redactUrls } from '../lib/redact.ts';
import type { LogConfig } from './config.ts';

/**
 * Messages are lower-case sentences without a full stop; facts go into fields. Every string passes the redaction of URLs, so that no
 * password of a camera or broker reaches a log.
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

/** Writes JSON lines to stderr; stdout is for data. */
export function createLogger(config: LogConfig, destination: NodeJS.WritableStream = process.stderr): Logger {
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
          method.apply(this, args.map((arg) => (typeof arg === 'string' ? redactUrls(arg) : arg)) as typeof args);
        },
      },
    },
    destination,
  );
}

const clean = (value: unknown) => (typeof value === 'string' ? redactUrls(value) : value);

/** For tests and finite commands that must stay quiet. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};
