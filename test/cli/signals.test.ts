import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { framegate, newFolder, startFramegate } from '../helpers/framegate.ts';

/** Starts `framegate serve` on a free port; resolves with that port once it listens. */
async function startServe() {
  const serve = startFramegate(['serve', '--port', '0']);
  await serve.says('"url":"http://127.0.0.1:');
  return { ...serve, port: Number(/"url":"http:\/\/127\.0\.0\.1:(\d+)/.exec(serve.stderr())?.[1]) };
}

describe('a signal', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('%s ends the process in order, with exit code 0', async (signal) => {
    const { child, says, finished } = await startServe();
    child.kill(signal);
    await says('stopping; send it again to stop at once');
    expect((await finished).code).toBe(0);
  });

  it('ends it at once with exit code 130 when it comes again', async () => {
    const { child, says, finished, port } = await startServe();
    // A request that is never finished is what it waits for.
    const client = connect(port, '127.0.0.1');
    client.write(
      'POST /coco/1 HTTP/1.1\r\nHost: x\r\nContent-Type: image/jpeg\r\nContent-Length: 1000\r\n\r\nhalf of it',
    );
    client.on('error', () => undefined);
    await new Promise((resolve) => setTimeout(resolve, 200));
    child.kill('SIGTERM');
    await says('stopping');
    // Within a moment it is the same one: npm passes a Ctrl-C on that the terminal sent already.
    child.kill('SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(child.exitCode).toBeNull();
    child.kill('SIGTERM');
    expect((await finished).code).toBe(130);
    client.destroy();
  });

  it('SIGHUP reloads the gateway; a file with a mistake is refused and the gateway goes on', async () => {
    const cwd = newFolder();
    const file = join(cwd, 'framegate.yaml');
    writeFileSync(file, 'mqtt: { url: mqtt://127.0.0.1:1 }\nhttp: { port: 0 }\n');
    const { child, says, finished } = startFramegate(['run'], { cwd });
    await says('gateway started');
    child.kill('SIGHUP');
    await says('config reloaded');
    writeFileSync(file, 'mqtt: { url: mqtt://127.0.0.1:1 }\nhttp: { prot: 0 }\n');
    child.kill('SIGHUP');
    await says('http.prot: unknown key, did you mean port?');
    child.kill('SIGTERM');
    expect((await finished).code).toBe(0);
  });
});

describe('an error that nobody foresaw', () => {
  it.each([
    ['thrown', 'throw new Error("boom")'],
    ['rejected', 'Promise.reject(new Error("boom"))'],
  ])('and that is %s where nobody catches it stops the process with exit code 1', async (_, statement) => {
    const fault = `process.once("SIGUSR2", () => { ${statement} })`;
    const env = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(fault)}` };
    const { child, says, finished } = startFramegate(['serve', '--port', '0'], { env });
    await says('"url":"http://127.0.0.1:');
    child.kill('SIGUSR2');
    const { code, stderr } = await finished;
    expect(code).toBe(1);
    expect(stderr).toContain('fatal: Error: boom');
  });
});

describe('the gateway', () => {
  it('does not start on a bad config: exit code 78 for systemd, and the line to change', async () => {
    const cwd = newFolder();
    writeFileSync(join(cwd, 'framegate.yaml'), 'mqtt: { url: mqtt://127.0.0.1:1 }\nlogs: {}\n');
    expect(await framegate(['run'], { cwd })).toEqual({
      code: 78,
      stdout: '',
      stderr: 'framegate.yaml:2:1 logs: unknown key, did you mean log?\n',
    });
  });
});
