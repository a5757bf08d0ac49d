import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { framegate, newFolder } from '../helpers/framegate.ts';

const SYSTEMD = fileURLToPath(new URL('../../systemd/', import.meta.url));

describe('systemd itself', () => {
  it('finds nothing wrong with the units as they are installed', async () => {
    const root = newFolder();
    await framegate(['service', 'install', '--serve', '--root', root]);
    const units = ['framegate.service', 'framegate-serve.service'].map((name) =>
      join(root, 'etc/systemd/system', name),
    );
    const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...units], {
      encoding: 'utf8',
    });
    // What else is installed on this machine is not our concern.
    const ours = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('framegate'));
    expect({ status, ours }).toEqual({ status: 0, ours: [] });
  });

  it('would find something wrong if there were', () => {
    const file = join(newFolder(), 'framegate.service');
    writeFileSync(file, '[Service]\nType=notfy\nExecStart=/nonexistent/framegate run\n');
    const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' });
    expect(stdout + stderr).toMatch(/notfy[\s\S]*\/nonexistent\/framegate/);
  });

  it('creates the user and the folder as described', () => {
    const root = newFolder();
    mkdirSync(join(root, 'etc'));
    writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/bash\n');
    writeFileSync(join(root, 'etc/group'), 'root:x:0:\n');
    const users = spawnSync(
      'systemd-sysusers',
      [`--root=${root}`, '--dry-run', join(SYSTEMD, 'framegate.sysusers.conf')],
      {
        encoding: 'utf8',
      },
    );
    expect({ status: users.status, text: users.stdout + users.stderr }).toMatchObject({
      status: 0,
      text: expect.stringContaining("Creating user 'framegate'"),
    });
  });
});
