import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT, readRepositoryFile } from '../helpers/repository.ts';

const text = readRepositoryFile('Dockerfile.jetson');
const instructions = text.replace(/\\\n/g, ' ').split('\n');

/** Sources of `COPY` that come from the repository, not from another stage. */
const copied = instructions
  .filter((line) => /^COPY (?!--from)/.test(line))
  .flatMap((line) => line.split(/\s+/).slice(1, -1));

describe('Dockerfile.jetson', () => {
  it('has nothing that a linter finds wrong', () => {
    const linter = createRequire(import.meta.url).resolve('dockerfilelint/bin/dockerfilelint');
    const { stdout } = spawnSync(process.execPath, [linter, '-o', 'json', join(ROOT, 'Dockerfile.jetson')], {
      encoding: 'utf8',
    });
    const { files } = JSON.parse(stdout);
    expect(files).toEqual([expect.objectContaining({ issues: [] })]);
  });

  it('copies only what exists and what .dockerignore lets through', () => {
    expect(copied).toContain('src');
    const letThrough = readRepositoryFile('.dockerignore').split('\n');
    for (const source of copied) {
      expect(existsSync(join(ROOT, source)), source).toBe(true);
      expect(letThrough, source).toContain(`!${source}`);
    }
  });

  it('copies everything that the program reads at run time', () => {
    for (const needed of ['config', 'models', 'package.json']) expect(copied).toContain(needed);
  });

  it('does not run as root and has a health check', () => {
    const users = instructions.filter((line) => line.startsWith('USER '));
    expect(users.at(-1)).toBe('USER framegate');
    expect(text).toMatch(/^HEALTHCHECK /m);
  });

  it('has a health check that answers what the process answers', () => {
    const [, command] = /^ +CMD (\[.*\])$/m.exec(text) ?? [];
    const [, ...parameters] = JSON.parse(command ?? '[]') as string[];
    const env = { HEALTH_URLS: 'http://127.0.0.1:1/healthz http://127.0.0.1:2/healthz' };
    expect(spawnSync(process.execPath, parameters, { env }).status).toBe(1);
  });
});
