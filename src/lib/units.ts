/**
 * Durations and sizes as people write them: `250ms`, `10s`, `5m`, `2h`, `7d`; `64KiB`, `512MiB`, `2GiB`.
 */
import { z } from 'zod';

const MS_PER_UNIT = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const BYTES_PER_UNIT = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, KB: 1e3, MB: 1e6, GB: 1e9 } as const;
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;
const SIZE = /^(\d+(?:\.\d+)?)(B|KiB|MiB|GiB|KB|MB|GB)$/;

/** Milliseconds of `10s`; undefined when the text is no duration. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(text.trim());
  if (!match) return undefined;
  return Number(match[1]) * MS_PER_UNIT[match[2] as keyof typeof MS_PER_UNIT];
}

/** Bytes of `512MiB`; undefined when the text is no size. */
export function parseSize(text: string): number | undefined {
  const match = SIZE.exec(text.trim());
  if (!match) return undefined;
  return Math.round(Number(match[1]) * BYTES_PER_UNIT[match[2] as keyof typeof BYTES_PER_UNIT]);
}

/** A config value such as `10s`, parsed to milliseconds and checked against bounds given the same way. */
export function duration(bounds: { readonly min?: string; readonly max?: string } = {}) {
  const min = bounds.min === undefined ? 0 : (parseDuration(bounds.min) ?? 0);
  const max = bounds.max === undefined ? Number.POSITIVE_INFINITY : (parseDuration(bounds.max) ?? 0);
  return z
    .string('expected a duration such as 250ms, 10s or 5m')
    .regex(DURATION, 'expected a duration such as 250ms, 10s or 5m')
    .transform((text, context) => {
      const ms = parseDuration(text) ?? Number.NaN;
      if (ms >= min && ms <= max) return ms;
      context.addIssue({
        code: 'custom',
        message: `must be between ${bounds.min ?? '0s'} and ${bounds.max ?? 'any length'}`,
      });
      return z.NEVER;
    });
}

/** A config value such as `512MiB`, parsed to bytes. */
export function size(bounds: { readonly min?: string } = {}) {
  const min = bounds.min === undefined ? 0 : (parseSize(bounds.min) ?? 0);
  return z
    .string('expected a size such as 64KiB or 512MiB')
    .regex(SIZE, 'expected a size such as 64KiB or 512MiB')
    .transform((text, context) => {
      const bytes = parseSize(text) ?? Number.NaN;
      if (bytes >= min) return bytes;
      context.addIssue({ code: 'custom', message: `must be at least ${bounds.min}` });
      return z.NEVER;
    });
}
