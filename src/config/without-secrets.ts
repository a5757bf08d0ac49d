import { isSecretKey } from './substitute.ts';
import { hidePassword } from './url-credentials.ts';

/** A part of the config as it is written, fit to be shown: passwords and credentials are `***`, references to them stay. */
export function withoutSecrets<T>(written: T): T {
  return hide(written, []) as T;
}

function hide(value: unknown, path: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => hide(item, path));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, hide(inner, [...path, key])]));
  if (isSecretKey(path)) return /^\$\{[^{}]*\}$/.test(String(value)) ? value : '***';
  return typeof value === 'string' ? hidePassword(value) : value;
}
