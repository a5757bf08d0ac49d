import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { framegate, newFolder } from '../helpers/framegate.ts';

describe('framegate init', () => {
  it('writes a commented config that is valid, that nobody else may read, and that camera add fills', async () => {
    const cwd = newFolder();
    expect(await framegate(['init'], { cwd })).toMatchObject({ code: 0, stdout: '' });
    const file = join(cwd, 'framegate.yaml');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toMatch(/^\s*#/m);
    expect(await framegate(['validate'], { cwd })).toMatchObject({ code: 0 });
    const url = 'rtsp://user:${FRONT_PASSWORD}@192.0.2.10/stream2';
    expect(await framegate(['camera', 'add', 'front', '--url', url], { cwd })).toMatchObject({ code: 0, stdout: '' });
    expect(readFileSync(file, 'utf8')).toContain(`cameras:\n  front:\n    url: ${url}\n  # front:\n`);
    expect(await framegate(['validate'], { cwd, env: { FRONT_PASSWORD: 'x' } })).toMatchObject({ code: 0 });
  });

  it('leaves a file that is there alone, unless it is told to replace it', async () => {
    const cwd = newFolder();
    const file = join(cwd, 'mine.yaml');
    writeFileSync(file, 'mine\n', { mode: 0o644 });
    const refused = await framegate(['init', '-c', 'mine.yaml'], { cwd });
    expect(refused).toMatchObject({
      code: 2,
      stderr: 'error: mine.yaml exists: nothing was written; --force replaces it\n',
    });
    expect(readFileSync(file, 'utf8')).toBe('mine\n');
    expect(await framegate(['init', '-c', 'mine.yaml', '--force'], { cwd })).toMatchObject({ code: 0 });
    expect(readFileSync(file, 'utf8')).toContain('mqtt:');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('makes the folder', async () => {
    const cwd = newFolder();
    expect(await framegate(['init', '-c', 'etc/framegate/framegate.yaml'], { cwd })).toMatchObject({ code: 0 });
    expect(await framegate(['validate', '-c', 'etc/framegate/framegate.yaml'], { cwd })).toMatchObject({ code: 0 });
  });
});
