import { appendFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { framegate, newFolder } from '../helpers/framegate.ts';

async function webServer(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.onnx`;
}

describe('framegate model', () => {
  it('builds the default model offline, lists it and verifies it', async () => {
    const cwd = newFolder();
    const before = await framegate(['model', 'list'], { cwd });
    expect(before.stdout).toMatch(/^coco\/1 +available +framegate model build coco /m);
    const built = await framegate(['model', 'build'], { cwd });
    expect(built).toMatchObject({ code: 0, stderr: 'installed coco/1\n' });
    const file = built.stdout.trim();
    const { stdout } = await framegate(['model', 'list', '--json'], { cwd });
    expect(JSON.parse(stdout).installed).toEqual([expect.objectContaining({ ref: 'coco/1' })]);
    expect(await framegate(['model', 'verify'], { cwd })).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^ok +coco\/1/),
    });

    appendFileSync(file, 'x');
    const damaged = await framegate(['model', 'verify', '--json'], { cwd });
    expect(damaged.code).toBe(1);
    expect(JSON.parse(damaged.stdout)).toEqual([expect.objectContaining({ ref: 'coco/1', ok: false })]);
  }, 60_000);

  it('says in one line why a download failed', async () => {
    const url = await webServer((_, response) => response.writeHead(404).end());
    const { code, stdout, stderr } = await framegate(['model', 'pull', 'yolox-nano', '--from', url]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error: [^\n]*404[^\n]*\n$/);
  });

  it('refuses a download that is another file', async () => {
    const url = await webServer((_, response) => response.end('not a model'));
    const { code, stderr } = await framegate(['model', 'pull', 'yolox-nano', '--from', url]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: [^\n]*\n$/);
  });

  it.each([
    [['pull', 'coco'], 2, 'it is built here: framegate model build coco'],
    [['build', 'yolox-nano'], 2, 'it is downloaded: framegate model pull yolox-nano'],
    [['pull', 'nonsense'], 1, 'no model nonsense in the catalogue: it has coco, yolox-nano'],
    [['pull', 'yolox-nano', '--from', 'https://me:s3cret@192.0.2.1/x'], 2, 'must not contain a user name or password'],
    [['verify', 'none/1'], 1, ''],
  ])('answers a wrong name with the right one: %j', async (args, code, text) => {
    const result = await framegate(['model', ...args]);
    expect(result.code).toBe(code);
    expect(result.stderr).toContain(text);
    expect(result.stderr + result.stdout).not.toContain('s3cret');
  });
});
