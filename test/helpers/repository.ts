import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute path of the repository. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

const NOT_OURS = new Set(['.git', 'node_modules', 'dist', 'coverage']);

/** Paths of all files of the repository, relative to it; what is built or installed is left out. */
export function repositoryFiles(extension = ''): string[] {
  return readdirSync(ROOT, { withFileTypes: true })
    .filter(({ name }) => !NOT_OURS.has(name))
    .flatMap((entry) =>
      entry.isDirectory()
        ? readdirSync(join(ROOT, entry.name), { recursive: true, withFileTypes: true })
            .filter((inner) => inner.isFile())
            .map((inner) => relative(ROOT, join(inner.parentPath, inner.name)))
            .filter((file) => !file.split('/').some((folder) => NOT_OURS.has(folder)))
        : [entry.name],
    )
    .filter((file) => file.endsWith(extension))
    .sort();
}

export const readRepositoryFile = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
