import { existsSync } from 'node:fs';
import { FramegateError } from '../lib/errors.ts';

const BESIDE = 'framegate.yaml';
const SYSTEM = '/etc/framegate/framegate.yaml';

/** The config file to use: the given one, else `$FRAMEGATE_CONFIG`, else ./framegate.yaml, else /etc/framegate/framegate.yaml. */
export function findConfigFile(given: string | undefined, env: NodeJS.ProcessEnv): string {
  const file = findConfigFileIfAny(given, env);
  if (file !== undefined) return file;
  throw new FramegateError('ERR_CONFIG_MISSING', `there is no ${BESIDE} here and no ${SYSTEM}`, {
    hint: 'write one with framegate init, or name one with -c FILE',
    retryable: false,
  });
}

/**
 * As `findConfigFile`, for commands that work without one. A file that was asked for by name counts even if it does not exist; an empty
 * `$FRAMEGATE_CONFIG` means none.
 */
export function findConfigFileIfAny(given: string | undefined, env: NodeJS.ProcessEnv): string | undefined {
  const named = given ?? env['FRAMEGATE_CONFIG'];
  if (named !== undefined) return named === '' ? undefined : named;
  return [BESIDE, SYSTEM].find((file) => existsSync(file));
}
