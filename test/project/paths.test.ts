import { readdirSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT, readRepositoryFile, repositoryFiles } from '../helpers/repository.ts';

/** The one file that may know of a folder beside the repository. */
const MAY_LOOK_BESIDE = 'test/helpers/test-data.ts';

describe('the files of the repository', () => {
  it('name no path of the machine they were written on', () => {
    const above = dirname(ROOT);
    // Where the repository lies among thousands of others, its neighbours say nothing.
    const neighbours = [homedir(), tmpdir(), '/'].includes(above)
      ? []
      : readdirSync(above).map((name) => join(above, name));
    const foreign = [ROOT, `${homedir()}/`, ...neighbours].filter((path) => path.length > 3);
    const found = repositoryFiles().flatMap((file) => {
      const text = readRepositoryFile(file);
      return foreign.filter((path) => text.includes(path)).map((path) => `${file}: ${path}`);
    });
    expect(found).toEqual([]);
  });

  it('look for big test data beside the repository in one place only', () => {
    const beside = ['..', 'shared'].join('/');
    expect(repositoryFiles().filter((file) => readRepositoryFile(file).includes(beside))).toEqual([MAY_LOOK_BESIDE]);
  });
});
