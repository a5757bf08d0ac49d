import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../../src/lib/errors.ts';
import { readRepositoryFile, repositoryFiles } from '../helpers/repository.ts';

const documented = [...readRepositoryFile('ARCHITECTURE.md').matchAll(/^\| *`?(ERR_[A-Z_]+)`? *\| *\S/gm)].map(
  (row) => row[1],
);

describe('error codes', () => {
  it('are all explained in ARCHITECTURE.md, once', () => {
    expect(documented.toSorted()).toEqual([...ERROR_CODES].sort());
  });

  it('are all in use', () => {
    const sources = repositoryFiles('.ts')
      .filter((file) => file.startsWith('src/') && file !== 'src/lib/errors.ts')
      .map(readRepositoryFile)
      .join('\n');
    expect(ERROR_CODES.filter((code) => !sources.includes(`'${code}'`))).toEqual([]);
  });
});
