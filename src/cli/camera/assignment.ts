/**
 * `motion.threshold=30` on the command line.
 */
import { InvalidArgumentError } from 'commander';
import { parseDocument } from 'yaml';
import type { Change } from '../../config/edit.ts';

/** Collects `key=value` arguments into changes; values are YAML, as they would stand in the file. */
export function collectAssignment(text: string, earlier: readonly Change[] = []): readonly Change[] {
  const equals = text.indexOf('=');
  const [key, value] = [text.slice(0, equals), text.slice(equals + 1)];
  if (equals < 1 || value === '') throw new InvalidArgumentError('expected key=value, such as motion.threshold=30');
  return [...earlier, { path: parseKey(key), value: parseValue(value) }];
}

/** Collects `key` arguments into removals. */
export function collectRemoval(text: string, earlier: readonly Change[] = []): readonly Change[] {
  return [...earlier, { path: parseKey(text) }];
}

function parseKey(text: string): string[] {
  const path = text.split('.');
  if (path.every((key) => key !== '')) return path;
  throw new InvalidArgumentError('expected a key such as motion.threshold');
}

/** Text that is no YAML, such as a URL with a `#` or a `*`, stays what it is. */
function parseValue(text: string): unknown {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return text;
  const document = parseDocument(text);
  if (document.errors.length > 0 || document.warnings.length > 0) return text;
  try {
    return document.toJS();
  } catch {
    return text; // an alias of nothing
  }
}
