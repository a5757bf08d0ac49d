import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Beside the repository; npm and vitest run in its root. */
const SIBLING = resolve('../shared/data');

/** Path of a file that is too big for the repository: a clip or a model. Undefined, with the reason printed, when it is not here. */
export function testData(file: string): string | undefined {
  const path = join(process.env['FRAMEGATE_TEST_DATA'] ?? SIBLING, file);
  if (existsSync(path)) return path;
  console.log(`skipped: no ${path}; set FRAMEGATE_TEST_DATA to the folder that has it`);
  return undefined;
}
