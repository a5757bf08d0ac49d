import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { FramegateError } from '../../src/lib/errors.ts';

/** Enough for a config to be valid. */
export const BROKER = 'mqtt: { url: mqtt://localhost:1883 }\n';

/** Writes a file into a folder that is gone after the test; returns its path. */
export function configFile(text: string | Uint8Array, name = 'framegate.yaml'): string {
  const folder = mkdtempSync(join(tmpdir(), 'framegate-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** Loads a config of which the text is given. */
export function loadText(text: string | Uint8Array, env: NodeJS.ProcessEnv = {}) {
  return loadConfig(configFile(text), env);
}

/** The error with which a text is refused, its message without the folder of the file. */
export async function refusal(text: string | Uint8Array, env: NodeJS.ProcessEnv = {}) {
  const file = configFile(text);
  try {
    await loadConfig(file, env);
  } catch (error) {
    if (error instanceof FramegateError) return { error, lines: error.message.replaceAll(file, 'f.yaml').split('\n') };
    throw error;
  }
  throw new Error('the config was accepted');
}
