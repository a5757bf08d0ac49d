/**
 * Where `${NAME}`, `${file:/path}` and `${credential:name}` get their values.
 */
import { readFileSync } from 'node:fs';
import { basename, isAbsolute, join, resolve } from 'node:path';
import { systemErrorCode } from '../lib/errors.ts';

/** The value of a reference, or why there is none. */
export type Resolved =
  | { readonly value: string; readonly kind: 'environment' | 'file' }
  | { readonly missing: string }
  | { readonly malformed: string };

export type SecretResolver = (body: string) => Resolved;

const ENVIRONMENT_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const FORMS = 'expected ${NAME}, ${file:/path} or ${credential:name}; write $${ for a literal ${';

/** Files named by a relative path are looked for beside the config, in `folder`. */
export function secretResolver(env: NodeJS.ProcessEnv, folder: string): SecretResolver {
  return (body) => {
    if (ENVIRONMENT_NAME.test(body)) return fromEnvironment(env, body);
    const separator = body.indexOf(':');
    const [kind, rest] = [body.slice(0, separator), body.slice(separator + 1)];
    if (kind === 'file' && rest !== '')
      return fromFile(isAbsolute(rest) ? rest : resolve(folder, rest), `file ${rest}`);
    if (kind === 'credential' && rest !== '' && rest === basename(rest)) return fromCredential(env, rest);
    return { malformed: FORMS };
  };
}

/** The answer to a `${` that is never closed. */
export const UNCLOSED: Resolved = { malformed: FORMS };

function fromEnvironment(env: NodeJS.ProcessEnv, name: string): Resolved {
  const value = env[name];
  if (value === undefined) return { missing: `environment variable ${name} is not set` };
  // An empty secret is a forgotten one; to have none, leave the key out.
  if (value === '') return { missing: `environment variable ${name} is empty` };
  return { value, kind: 'environment' };
}

function fromCredential(env: NodeJS.ProcessEnv, name: string): Resolved {
  const folder = env['CREDENTIALS_DIRECTORY'];
  if (!folder) return { missing: `credential ${name} is only there under systemd (LoadCredential=${name}:/path)` };
  return fromFile(join(folder, name), `credential ${name}`);
}

function fromFile(path: string, what: string): Resolved {
  try {
    // Editors and `echo` end a file with a line break that is not part of the secret.
    const value = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    return value === '' ? { missing: `${what} is empty` } : { value, kind: 'file' };
  } catch (error) {
    return { missing: `${what} cannot be read (${systemErrorCode(error) ?? 'unknown error'})` };
  }
}
