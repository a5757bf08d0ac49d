import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { openRtspCamera } from '../../src/demo/rtsp-camera/rtsp-camera.ts';
import { bundledFfmpeg, makeClip } from '../helpers/clips.ts';
import { framegate, newFolder, startFramegate } from '../helpers/framegate.ts';
import { until } from '../helpers/until.ts';

const PASSWORD = 'h1dd&n/pw';

async function site(codec: 'h264' | 'h265' = 'h264') {
  const clip = await makeClip({ codec, seconds: 30, fps: 10, gop: 10 });
  const camera = await openRtspCamera({
    file: clip.file,
    codec,
    fps: clip.fps,
    credentials: { scheme: 'digest', user: 'me', password: PASSWORD },
  });
  onTestFinished(() => camera[Symbol.asyncDispose]());
  const cwd = newFolder();
  const url = camera.url.replace('//', `//me:${encodeURIComponent(PASSWORD)}@`);
  writeFileSync(
    join(cwd, 'framegate.yaml'),
    stringify({ mqtt: { url: 'mqtt://127.0.0.1:1' }, cameras: { front: { url, decode: { stallTimeout: '2s' } } } }),
  );
  return { camera, cwd };
}

/** What ffmpeg finds in a file: how many frames can be decoded, and of which codec. */
async function inspect(file: string): Promise<{ frames: number; codec: string | undefined }> {
  const { stderr } = await promisify(execFile)(bundledFfmpeg, ['-hide_banner', '-i', file, '-f', 'null', '-']);
  const frames = [...stderr.matchAll(/frame=\s*(\d+)/g)].at(-1)?.[1];
  return { frames: Number(frames), codec: /Video: (\w+)/.exec(stderr)?.[1] };
}

/** Command lines of everything that runs. */
const commandLines = () =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        return ''; // ended meanwhile
      }
    })
    .join('\n');

describe('framegate camera record', () => {
  it.each([
    ['h264', 'front.mp4', 'h264'],
    ['h265', 'front.mkv', 'hevc'],
  ] as const)('keeps %s as it is', async (codec, name, kept) => {
    const { cwd } = await site(codec);
    const run = await framegate(['camera', 'record', 'front', '--duration', '3s', '--out', name], { cwd });
    expect(run, run.stderr).toMatchObject({ code: 0, stdout: `${name}\n` });
    expect(run.stderr).toMatch(/recorded 0:0[23], \d\.\d MB/);
    const { frames, codec: found } = await inspect(join(cwd, name));
    expect(found).toBe(kept);
    expect(frames).toBeGreaterThanOrEqual(25);
    // An older ffmpeg counts the time from later on.
    expect(frames).toBeLessThanOrEqual(40);
  });

  it('stops on SIGINT with a file that can be played, and shows the password to nobody', async () => {
    const { cwd } = await site();
    const run = startFramegate(['camera', 'record', 'front', '--duration', '10m', '--out', 'x.mp4', '--json'], { cwd });
    const file = join(cwd, 'x.mp4');
    await until(() => existsSync(file) && statSync(file).size > 2000, 'something is written', 20_000);
    const lines = commandLines();
    expect(lines).toContain('x.mp4');
    expect(lines).not.toMatch(/h1dd/);
    run.child.kill('SIGINT');
    const { code, stdout, stderr } = await run.finished;
    expect([code, JSON.parse(stdout)]).toMatchObject([
      0,
      { camera: 'front', file: 'x.mp4', bytes: expect.any(Number) },
    ]);
    expect(stderr).not.toMatch(/h1dd/);
    expect((await inspect(file)).frames).toBeGreaterThan(5);
  });

  it('names the file after camera and time where nothing else is said, and never replaces one unasked', async () => {
    const { cwd } = await site();
    await framegate(['camera', 'record', 'front', '--duration', '1s'], { cwd });
    const [file] = readdirSync(cwd).filter((name) => name.endsWith('.mp4'));
    expect(file).toMatch(/^front-\d{4}-\d\d-\d\d-\d{6}\.mp4$/);
    const again = await framegate(['camera', 'record', 'front', '--out', file ?? ''], { cwd });
    expect(again).toMatchObject({ code: 2, stderr: expect.stringMatching(/exists: nothing was recorded; --force/) });
  });

  it('says what is wrong in one line', async () => {
    const { cwd, camera } = await site();
    const record = (...args: string[]) => framegate(['camera', 'record', ...args], { cwd });
    expect(await record('back')).toMatchObject({ code: 2, stderr: /there is no camera back: known are front/ });
    expect(await record('front', '--out', 'x.avi')).toMatchObject({ code: 2, stderr: /ends with .mp4 or .mkv/ });
    expect(await record('front', '--out', 'no/x.mp4')).toMatchObject({ code: 2, stderr: /no is no folder/ });
    expect(await record('front', '--duration', '10')).toMatchObject({ code: 2, stderr: /expected a duration/ });
    camera.faults.respond(401);
    expect(await record('front')).toMatchObject({ code: 1, stderr: /^error: the camera refuses the user name/ });
    camera.faults.respond(undefined);
    await camera[Symbol.asyncDispose]();
    expect(await record('front')).toMatchObject({ code: 1, stderr: /^error: nothing listens at the camera/ });
    expect(readdirSync(cwd).filter((name) => /mp4|mkv/.test(name))).toEqual([]);
  });

  it('keeps what came when the camera stops sending', async () => {
    const { cwd, camera } = await site();
    const run = startFramegate(['camera', 'record', 'front', '--out', 'x.mp4'], { cwd });
    const file = join(cwd, 'x.mp4');
    await until(() => existsSync(file) && statSync(file).size > 2000, 'something is written', 20_000);
    camera.faults.stall();
    expect(await run.finished).toMatchObject({ code: 1, stderr: /the camera stopped sending/ });
    expect((await inspect(file)).frames).toBeGreaterThan(5);
  });
});
