import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { newFolder, startFramegate } from '../helpers/framegate.ts';
import { until } from '../helpers/until.ts';

/** A real notification socket. Node cannot open one. */
async function notifySocket() {
  const path = join(newFolder(), 'notify');
  const script = fileURLToPath(new URL('notify-socket.py', import.meta.url));
  const child = spawn('/usr/bin/python3', [script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill());
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  await until(() => text.includes('listening'), 'the socket');
  return { path, messages: () => text.trimEnd().split('\n').slice(1) };
}

const CONFIG = 'mqtt: { url: mqtt://127.0.0.1:1 }\nhttp: { port: 0 }\n';

describe('systemd', () => {
  it.each([
    ['run', ['run'], 'READY=1 STATUS=0 cameras'],
    ['serve', ['serve', '--port', '0'], 'READY=1 STATUS=http://127.0.0.1:'],
  ])('is told by framegate %s that it is up, alive and going', async (_, args, ready) => {
    const socket = await notifySocket();
    const cwd = newFolder();
    writeFileSync(join(cwd, 'framegate.yaml'), CONFIG);
    const env = { NOTIFY_SOCKET: socket.path, WATCHDOG_USEC: '200000' };
    const { child, finished } = startFramegate(args, { cwd, env });
    await until(() => socket.messages().some((message) => message.startsWith(ready)), `${ready} in time`, 20_000);
    await until(() => socket.messages().filter((message) => message === 'WATCHDOG=1').length >= 3, 'three pings');
    child.kill('SIGTERM');
    expect((await finished).code).toBe(0);
    expect(socket.messages()).toContain('STOPPING=1');
    expect(socket.messages().at(-1)).toBe('STOPPING=1');
  });

  it('is told of a reload', async () => {
    const socket = await notifySocket();
    const cwd = newFolder();
    writeFileSync(join(cwd, 'framegate.yaml'), CONFIG);
    const { child, finished } = startFramegate(['run'], { cwd, env: { NOTIFY_SOCKET: socket.path } });
    await until(() => socket.messages().some((message) => message.startsWith('READY=1')), 'READY', 20_000);
    child.kill('SIGHUP');
    await until(() => socket.messages().filter((message) => message.startsWith('READY=1')).length >= 2, 'READY again');
    expect(socket.messages().map((message) => message.split(' ')[0])).toEqual(['READY=1', 'RELOADING=1', 'READY=1']);
    child.kill('SIGTERM');
    expect((await finished).code).toBe(0);
  });
});
