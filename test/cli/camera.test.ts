import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openRtspCamera } from '../../src/demo/rtsp-camera/rtsp-camera.ts';
import { makeClip } from '../helpers/clips.ts';
import { framegate, newFolder } from '../helpers/framegate.ts';

const CONFIG = `mqtt: {url: mqtt://localhost}   # broker
cameras:
  # the door
  door: {url: "rtsp://admin:s3cr@t@192.0.2.1/s", enabled: false}
  yard:
    url: rtsp://admin:\${YARD}@192.0.2.2/s
    motion:
      masks: [[[0, 0], [0.5, 0], [0.5, 0.2]]]
`;

function site(): { cwd: string; text: () => string } {
  const cwd = newFolder();
  const file = join(cwd, 'framegate.yaml');
  writeFileSync(file, CONFIG);
  return { cwd, text: () => readFileSync(file, 'utf8') };
}

describe('framegate camera', () => {
  it('lists cameras without passwords and without needing them', async () => {
    const { cwd } = site();
    expect(await framegate(['camera', 'list'], { cwd })).toEqual({
      code: 0,
      stdout: 'door  disabled  rtsp://admin:***@192.0.2.1/s\nyard  enabled   rtsp://admin:***@192.0.2.2/s\n',
      stderr: '',
    });
    const { stdout } = await framegate(['camera', 'list', '--json'], { cwd });
    expect(JSON.parse(stdout)).toEqual([
      { id: 'door', enabled: false, url: 'rtsp://admin:***@192.0.2.1/s' },
      { id: 'yard', enabled: true, url: 'rtsp://admin:***@192.0.2.2/s' },
    ]);
  });

  it('shows one camera as it is written', async () => {
    const { cwd } = site();
    const { stdout } = await framegate(['camera', 'show', 'yard'], { cwd });
    expect(stdout).toBe(
      'yard:\n  url: rtsp://admin:***@192.0.2.2/s\n  motion:\n    masks: [[[0, 0], [0.5, 0], [0.5, 0.2]]]\n',
    );
    const json = await framegate(['camera', 'show', 'door', '--json'], { cwd });
    expect(JSON.parse(json.stdout)).toEqual({ id: 'door', url: 'rtsp://admin:***@192.0.2.1/s', enabled: false });
  });

  it('shows no password of other services either, but the references to them', async () => {
    const { cwd } = site();
    const set = ['trigger.onvif.password=0nv1f-pw', 'trigger.onvif.url=http://me:0nv1f-pw@192.0.2.2/onvif'];
    await framegate(['camera', 'set', 'yard', ...set, 'trigger.onvif.username=me'], { cwd });
    const shown = await framegate(['camera', 'show', 'yard'], { cwd });
    expect(shown.stdout).toContain('username: me');
    expect(shown.stdout).not.toContain('0nv1f');
    await framegate(['camera', 'set', 'yard', 'trigger.onvif.password=${YARD}'], { cwd });
    expect((await framegate(['camera', 'show', 'yard'], { cwd })).stdout).toContain('password: ${YARD}');
  });

  it('adds, changes and removes cameras in place', async () => {
    const { cwd, text } = site();
    const url = 'rtsp://u:${GATE}@192.0.2.3/s';
    const add = await framegate(['camera', 'add', 'gate', '--url', url, '--set', 'decode.fps=3'], { cwd });
    expect(add).toEqual({ code: 0, stdout: '', stderr: 'added camera gate to framegate.yaml\n' });
    await framegate(['camera', 'set', 'gate', 'decode.fps=4', 'trigger.interval=2s', 'enabled=false'], { cwd });
    await framegate(['camera', 'set', 'yard', '--unset', 'motion'], { cwd });
    await framegate(['camera', 'remove', 'door'], { cwd });
    expect(text()).toBe(`mqtt: {url: mqtt://localhost}   # broker
cameras:
  yard:
    url: rtsp://admin:\${YARD}@192.0.2.2/s
  gate:
    url: rtsp://u:\${GATE}@192.0.2.3/s
    decode:
      fps: 4
    trigger:
      interval: 2s
    enabled: false
`);
  });

  it('says that a password will stand in the file, without showing it, and how to avoid that', async () => {
    const { cwd, text } = site();
    const { code, stderr } = await framegate(['camera', 'add', 'gate-2', '--url', 'rtsp://me:h1dd@n%@192.0.2.3/s'], {
      cwd,
    });
    expect(code).toBe(0);
    expect(stderr).toContain('warning: the password of rtsp://***@192.0.2.3/s is stored in framegate.yaml');
    expect(stderr).toContain('rtsp://me:${GATE_2_PASSWORD}@192.0.2.3/s');
    expect(stderr).not.toContain('h1dd');
    expect(text()).toContain('url: rtsp://me:h1dd@n%@192.0.2.3/s');
  });

  it('refuses what would not load, with the line it would stand on, and changes nothing', async () => {
    const { cwd, text } = site();
    const bad = await framegate(['camera', 'set', 'yard', 'motion.treshold=3'], { cwd });
    expect(bad).toMatchObject({ code: 78, stdout: '' });
    expect(bad.stderr).toMatch(
      /^framegate\.yaml:9:7 cameras\.yard\.motion\.treshold: unknown key, did you mean threshold\?\n$/,
    );
    expect(await framegate(['camera', 'remove', 'barn'], { cwd })).toMatchObject({
      code: 2,
      stderr: 'error: there is no camera barn: known are door, yard\n',
    });
    expect(text()).toBe(CONFIG);
  });
});

describe('framegate camera test', () => {
  it('opens the stream, also with a password that holds @ and %, and says what it is', async () => {
    const { file } = await makeClip({ width: 320, height: 240, fps: 10, gop: 10 });
    const credentials = { user: 'user', password: 'p@ss%word', scheme: 'digest' } as const;
    await using camera = await openRtspCamera({ file, codec: 'h264', fps: 10, credentials });
    const { host, pathname } = new URL(camera.url);
    const cwd = newFolder();
    writeFileSync(
      join(cwd, 'framegate.yaml'),
      `mqtt: { url: mqtt://localhost }\ncameras:\n  front: { url: rtsp://user:\${P}@${host}${pathname} }\n`,
    );
    const { code, stdout } = await framegate(['camera', 'test', 'front', '--json'], { cwd, env: { P: 'p@ss%word' } });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      codec: 'h264',
      width: 320,
      height: 240,
      fps: 10,
      gopSeconds: 1,
      transport: 'native',
    });
    const byUrl = await framegate(['camera', 'test', '--url', `rtsp://user:p@ss%word@${host}${pathname}`]);
    expect(byUrl.stdout).toMatch(/^h264 320x240, 10 fps, keyframe every 1 s, [\d.]+ Mbit\/s, native transport\n$/);
  });

  it('watches it for a while, and says how it is decoded and whether its packets are trusted', {
    timeout: 60_000,
  }, async () => {
    const { file } = await makeClip({ width: 320, height: 240, fps: 10, gop: 10 });
    await using camera = await openRtspCamera({ file, codec: 'h264', fps: 10 });
    const { code, stdout } = await framegate(['camera', 'test', '--url', camera.url, '--watch', '5s', '--json']);
    expect(code).toBe(0);
    const { codec, frames, decode } = JSON.parse(stdout);
    expect(codec).toBe('h264');
    expect(frames).toBeGreaterThan(10);
    expect(decode).toMatchObject({ state: 'awake', reason: 'woken by start', gopSeconds: 1 });
    expect(decode.packets).toMatch(/^not trusted: /);
  });

  it('says in one line without the password why it could not', async () => {
    const { code, stdout, stderr } = await framegate(['camera', 'test', '--url', 'rtsp://user:s3cret@127.0.0.1:1/s']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error: .*\n$/);
    expect(stderr).not.toContain('s3cret');
  });
});
