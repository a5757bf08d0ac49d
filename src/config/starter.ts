import { readFile } from 'node:fs/promises';

/** From `src/config` and from `dist/config` alike. */
const FILE = new URL('../../config/framegate.starter.yaml', import.meta.url);

/** The text that `framegate init` writes: valid as it is, with a commented camera. */
export function starterConfig(): Promise<string> {
  return readFile(FILE, 'utf8');
}
