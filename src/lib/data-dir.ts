import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where models and state live: the configured folder, else systemd's `$STATE_DIRECTORY`, else the XDG data folder. */
export function dataDir(configured?: string): string {
  if (configured) return configured;
  const fromEnvironment = process.env['FRAMEGATE_DATA_DIR'] ?? process.env['STATE_DIRECTORY'];
  if (fromEnvironment) return fromEnvironment;
  return join(process.env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'framegate');
}
