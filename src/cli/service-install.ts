/**
 * Puts the systemd files of this package in place, with the paths of this installation in them.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { FramegateError, systemErrorCode } from '../lib/errors.ts';

export interface ServiceInstall {
  /** Also the inference microservice. */
  readonly serve: boolean;
  /** Written below this folder. */
  readonly root: string;
  /** Create the user, enable the units, and start them if there is a config. */
  readonly start: boolean;
}

const run = promisify(execFile);
const DEADLINE_MS = 120_000;
/** From `src/cli` and from `dist/cli` alike. */
const UNITS = new URL('../../systemd/', import.meta.url);
const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));
const CONFIG = '/etc/framegate/framegate.yaml';
/** Hidden from the units by ProtectHome. */
const HIDDEN = /^\/(home|root|run\/user)\//;

/** Returns the paths of what was written. Throws ERR_USAGE where it cannot work, ERR_SERVICE_INSTALL when systemd refuses. */
export async function installService({ serve, root, start }: ServiceInstall): Promise<readonly string[]> {
  if (start) expectUsable();
  const units = serve ? ['framegate.service', 'framegate-serve.service'] : ['framegate.service'];
  const targets = {
    'framegate.sysusers.conf': '/etc/sysusers.d/framegate.conf',
    'framegate.tmpfiles.conf': '/etc/tmpfiles.d/framegate.conf',
    ...Object.fromEntries(units.map((unit) => [unit, `/etc/systemd/system/${unit}`])),
  };
  const written: string[] = [];
  for (const [source, target] of Object.entries(targets)) {
    const text = await readFile(new URL(source, UNITS), 'utf8');
    const file = join(root, target);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, withCommand(text, process.execPath, MAIN), { mode: 0o644 });
    written.push(file);
  }
  if (start) await enable(units);
  return written;
}

/** The units name `framegate`, to be found in the usual folders; an installation knows better where it is. */
export function withCommand(unit: string, node: string, main: string): string {
  return unit.replace(/^(Exec\w+=-?)framegate /gm, (_, directive) => `${directive}${quote(node)} ${quote(main)} `);
}

async function enable(units: readonly string[]): Promise<void> {
  const steps = [
    ['systemd-sysusers', 'framegate.conf'],
    ['systemd-tmpfiles', '--create', 'framegate.conf'],
    ['systemctl', 'daemon-reload'],
    ['systemctl', 'enable', ...(existsSync(CONFIG) ? ['--now'] : []), ...units],
  ];
  for (const [command = '', ...parameters] of steps) {
    await run(command, parameters, { timeout: DEADLINE_MS, killSignal: 'SIGKILL' }).catch((cause: unknown) => {
      const why = (cause as { stderr?: string }).stderr?.trim() || systemErrorCode(cause) || 'no reason given';
      throw new FramegateError('ERR_SERVICE_INSTALL', `${[command, ...parameters].join(' ')} failed: ${why}`, {
        cause,
      });
    });
  }
}

function expectUsable(): void {
  const usage = (message: string, hint: string) => new FramegateError('ERR_USAGE', message, { hint, retryable: false });
  if (process.getuid?.() !== 0) throw usage('only root may install a service', 'run it with sudo');
  for (const path of [process.execPath, MAIN]) {
    if (!HIDDEN.test(path)) continue;
    throw usage(
      `${path} is in a home folder, where a service cannot read it`,
      'install Node and framegate system-wide',
    );
  }
}

const quote = (path: string) => (/\s/.test(path) ? `"${path}"` : path);
