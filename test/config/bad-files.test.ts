import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { BROKER, refusal } from './config-file.ts';

/** `b` is nine times `a`, `c` is nine times `b`, ...: a few hundred bytes that stand for hundreds of millions of values. */
function billionLaughs(levels: number): string {
  const name = (level: number) => String.fromCharCode(97 + level);
  const line = (level: number) =>
    `${name(level)}: &${name(level)} [${Array(9)
      .fill(`*${name(level - 1)}`)
      .join(', ')}]\n`;
  return `a: &a [x]\n${Array.from({ length: levels }, (_, index) => line(index + 1)).join('')}`;
}

describe('a file that is no config', () => {
  it('does not exist', async () => {
    await expect(loadConfig('/nonexistent/framegate.yaml')).rejects.toMatchObject({
      code: 'ERR_CONFIG_MISSING',
      hint: 'write one with framegate init -c /nonexistent/framegate.yaml',
      retryable: false,
    });
  });

  it('is a folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'framegate-folder-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    await expect(loadConfig(folder)).rejects.toMatchObject({
      code: 'ERR_CONFIG_INVALID',
      message: `${folder} is a folder: expected a YAML file`,
    });
  });

  it.each([
    ['is binary', Uint8Array.from({ length: 4096 }, (_, index) => (index * 37) % 256), 'is not a text file'],
    ['is text with NUL in it', 'mqtt:\0', 'is not a text file'],
    ['is not UTF-8', Buffer.from('mqtt: { url: "mqtt://caf\u00e9" }', 'latin1'), 'is not a text file'],
    ['is a megabyte of aliases', `a: &a x\nb: [${'*a,'.repeat(350_000)}]\n`, 'is larger than 512 KiB'],
  ])('%s', async (_, content, message) => {
    const { error, lines } = await refusal(content);
    expect(error.code).toBe('ERR_CONFIG_INVALID');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(message);
  });

  it.each([
    ['is empty', '', 'f.yaml:1:1 the file is empty: it needs at least mqtt and cameras, framegate init writes a start'],
    [
      'holds only comments',
      '# nothing\n',
      'f.yaml:1:1 the file is empty: it needs at least mqtt and cameras, framegate init writes a start',
    ],
    ['is one word', 'hello\n', 'f.yaml:1:1 expected keys such as mqtt: and cameras:, found text'],
    ['is a list', '- mqtt\n', 'f.yaml:1:1 expected keys such as mqtt: and cameras:, found a list'],
    ['is indented with tabs', 'mqtt:\n\turl: mqtt://h\n', 'f.yaml:2:1 tabs cannot indent: use spaces'],
    [
      'has an open bracket',
      'cameras: [\n',
      'f.yaml:2:1 flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    [
      'has a colon in a plain value',
      'mqtt: a: b\n',
      'f.yaml:1:7 a second key on one line or a wrong indent; a value with ": " in it needs quotes',
    ],
    [
      'is two documents',
      `${BROKER}---\n${BROKER}`,
      'f.yaml:2:1 a second document begins here: a config is one document',
    ],
    ['has a tag of its own', 'mqtt: !env URL\n', 'f.yaml:1:7 unknown tag: a value that starts with ! needs quotes'],
    [
      'has an alias of nothing',
      'mqtt: *broker\n',
      'f.yaml:1:7 mqtt: *broker names nothing: there is no &broker above it',
    ],
    ['has aliases of aliases of aliases', billionLaughs(8), 'f.yaml:1:1 aliases of aliases multiply to too much'],
  ])('%s', async (_, text, line) => {
    const { error, lines } = await refusal(text);
    expect(error.code).toBe('ERR_CONFIG_INVALID');
    expect(lines).toEqual([line]);
  });

  it.each([
    ['brackets', '['.repeat(50_000)],
    ['braces', '{a: '.repeat(20_000)],
    ['lists', '- '.repeat(20_000)],
  ])('is nested so deep in %s that parsing it would end the process', async (_, text) => {
    const { lines } = await refusal(text);
    expect(lines[0]).toMatch(/^f\.yaml:1:\d+ nested more than 64 levels deep$/);
  });

  it('has thousands of aliases', async () => {
    const { lines } = await refusal(`a: &a x\nb: [${'*a,'.repeat(5000)}]\n`);
    expect(lines[0]).toContain('more than 1000 aliases');
  });
});
