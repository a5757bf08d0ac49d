import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { framegate } from '../helpers/framegate.ts';

const STACK = /^\s+at .*:\d+:\d+/m;

describe('framegate', () => {
  it('prints its version and its help to stdout', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(await framegate(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
    const help = await framegate(['--help']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    for (const command of [
      'run',
      'serve',
      'demo',
      'init',
      'validate',
      'schema',
      'camera',
      'model',
      'doctor',
      'service',
    ]) {
      expect(help.stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
    }
  });

  it.each([
    ['nothing at all', []],
    ['a command it does not have', ['frobnicate']],
    ['an option it does not have', ['validate', '--frobnicate']],
    ['a missing argument', ['camera', 'add']],
    ['a missing option', ['camera', 'add', 'front']],
    ['a port that is none', ['serve', '--port', '99999']],
    ['an assignment that is none', ['camera', 'set', 'front', 'enabled']],
    ['nothing to set', ['camera', 'set', 'front']],
    ['neither camera nor URL', ['camera', 'test']],
    ['a duration that is none', ['demo', '--duration', '30']],
    ['a URL that is no stream', ['camera', 'test', '--url', 'http://192.0.2.10/']],
  ])('answers %s with exit code 2 and words, no stack trace', async (_, args) => {
    const { code, stdout, stderr } = await framegate(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.trim()).not.toBe('');
    expect(stderr).not.toMatch(STACK);
  });

  it.each([['run'], ['validate'], ['camera', 'list']])(
    'answers a missing config with exit code 78 and the way out: %s',
    async (...args) => {
      expect(await framegate(args)).toEqual({
        code: 78,
        stdout: '',
        stderr:
          'there is no framegate.yaml here and no /etc/framegate/framegate.yaml: write one with framegate init, or name one with -c FILE\n',
      });
    },
  );

  it('ends well when the reader of its output has seen enough', async () => {
    const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
    const child = spawn(process.execPath, [main, 'schema'], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const [code] = await once(child, 'close');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('prints a schema that is JSON', async () => {
    const { code, stdout } = await framegate(['schema']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' });
  });
});
