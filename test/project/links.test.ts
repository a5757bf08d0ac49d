import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT, readRepositoryFile, repositoryFiles } from '../helpers/repository.ts';

const LINK = /\[[^\]]*\]\(([^)\s]+)\)/g;

/** The anchor that GitHub gives a heading. */
const anchor = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');

const anchorsOf = (file: string) =>
  [...readRepositoryFile(file).matchAll(/^#+ +(.*)$/gm)].map((match) => anchor(match[1] ?? ''));

describe.each(repositoryFiles('.md'))('%s', (file) => {
  const text = readRepositoryFile(file).replace(/^```[\s\S]*?^```/gm, '');
  const links = [...text.matchAll(LINK)].map((match) => match[1] ?? '').filter((link) => !/^[a-z]+:/.test(link));

  it('links to files and headings that exist', () => {
    const broken = links.filter((link) => {
      const [path = '', heading] = link.split('#');
      const target = path === '' ? file : join(dirname(file), path);
      if (!existsSync(join(ROOT, target))) return true;
      return heading !== undefined && target.endsWith('.md') && !anchorsOf(target).includes(heading);
    });
    expect(broken).toEqual([]);
  });
});
