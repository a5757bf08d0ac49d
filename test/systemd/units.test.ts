import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { framegate, newFolder } from '../helpers/framegate.ts';

const UNITS = fileURLToPath(new URL('../../systemd/', import.meta.url));
const unit = (name: string) => readFileSync(join(UNITS, name), 'utf8');

describe.each(['framegate.service', 'framegate-serve.service'])('%s', (name) => {
  it('is watched, restarts for ever, but not on a bad config', () => {
    for (const line of [
      'Type=notify',
      'NotifyAccess=all',
      'Restart=always',
      'RestartPreventExitStatus=78',
      'StartLimitIntervalSec=0',
    ]) {
      expect(unit(name).split('\n')).toContain(line);
    }
    expect(unit(name)).toMatch(/^WatchdogSec=\d+s$/m);
    // A failed ExecStartPre would be restarted, whatever its exit status.
    expect(unit(name)).toMatch(/^ExecStartPre=-framegate validate/m);
  });

  it('does not run as root, and does not forbid what V8 needs', () => {
    expect(unit(name)).toMatch(/^User=framegate$/m);
    expect(unit(name)).not.toMatch(/^MemoryDenyWriteExecute/m);
  });

  it('holds no secret, but says where they go', () => {
    expect(unit(name)).toMatch(/^EnvironmentFile=-\/etc\/framegate\/environment$/m);
    // Settings of malloc are none.
    expect(unit(name)).not.toMatch(/^Environment=(?!MALLOC_)/m);
    expect(unit(name)).not.toMatch(/^Environment=.* (?!MALLOC_)\w+=/m);
  });
});

describe('framegate service install', () => {
  it('writes the units with the paths of this installation', async () => {
    const root = newFolder();
    const { code, stdout } = await framegate(['service', 'install', '--serve', '--root', root]);
    expect(code).toBe(0);
    const written = stdout.trimEnd().split('\n');
    expect(written.every((file) => existsSync(file))).toBe(true);
    expect(readdirSync(join(root, 'etc/systemd/system')).sort()).toEqual([
      'framegate-serve.service',
      'framegate.service',
    ]);
    const text = readFileSync(join(root, 'etc/systemd/system/framegate.service'), 'utf8');
    expect(text).toContain(`ExecStart=${process.execPath} `);
    expect(text).toMatch(/^ExecStartPre=-.*\/main\.js validate -c \/etc\/framegate\/framegate\.yaml$/m);
    expect(statSync(join(root, 'etc/systemd/system/framegate.service')).mode & 0o777).toBe(0o644);
    expect(existsSync(join(root, 'etc/sysusers.d/framegate.conf'))).toBe(true);
    expect(existsSync(join(root, 'etc/tmpfiles.d/framegate.conf'))).toBe(true);
  });
});
