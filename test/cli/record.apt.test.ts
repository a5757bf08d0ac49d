/**
 * Recordings of what does not fit: codecs that an mp4 cannot hold, sound, and a disk that is full.
 */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { bundledFfmpeg } from '../helpers/clips.ts';
import { framegate, newFolder } from '../helpers/framegate.ts';
import { freePort } from '../helpers/processes.ts';

const SERVER = new URL('../helpers/gst-rtsp-server.py', import.meta.url).pathname;
const PICTURE = 'videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=180,framerate=10/1';
const VP8 = `${PICTURE} ! vp8enc deadline=1 keyframe-max-dist=10 ! rtpvp8pay name=pay0 pt=96`;
const H264 = `${PICTURE} ! x264enc tune=zerolatency key-int-max=10 ! rtph264pay name=pay0 pt=96 config-interval=1`;
const SOUND = 'audiotestsrc is-live=true ! audio/x-raw,rate=8000,channels=1 ! alawenc ! rtppcmapay name=pay1 pt=8';

/** A folder with the config of a camera that GStreamer serves. */
async function site(launch: string): Promise<string> {
  const cwd = newFolder();
  const port = await freePort();
  const server = spawn('/usr/bin/python3', [SERVER, launch, String(port), '--launch'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void server.kill('SIGKILL'));
  await once(createInterface({ input: server.stdout }), 'line');
  const cameras = { front: { url: `rtsp://127.0.0.1:${port}/stream` } };
  writeFileSync(join(cwd, 'framegate.yaml'), stringify({ mqtt: { url: 'mqtt://127.0.0.1:1' }, cameras }));
  return cwd;
}

/** The streams of a file, and what ffmpeg says when it decodes all of it. */
async function inspect(file: string) {
  const args = ['-hide_banner', '-i', file, '-f', 'null', '-'];
  const { stderr } = await promisify(execFile)(bundledFfmpeg, args);
  const streams = [...stderr.matchAll(/Stream #0:\d.*?: (?:Video|Audio): (\w+).*?(?=\n)/g)].map(([, codec]) => codec);
  return {
    streams: streams.slice(0, streams.length / 2),
    frames: Number(/frame=\s*(\d+)(?!.*frame=)/s.exec(stderr)?.[1]),
  };
}

it('puts into an mkv what an mp4 cannot hold, unless the user named an mp4', { timeout: 60_000 }, async () => {
  const cwd = await site(VP8);
  const run = await framegate(['camera', 'record', 'front', '--duration', '3s'], { cwd });
  expect(run, run.stderr).toMatchObject({ code: 0, stdout: expect.stringMatching(/^front-[\d-]+\.mkv\n$/) });
  const files = readdirSync(cwd).filter((name) => name.startsWith('front-'));
  expect(files).toEqual([run.stdout.trim()]);
  const { streams, frames } = await inspect(join(cwd, run.stdout.trim()));
  expect(streams).toEqual(['vp8']);
  expect(frames).toBeGreaterThan(20);

  const named = await framegate(['camera', 'record', 'front', '--duration', '3s', '--out', 'x.mp4'], { cwd });
  expect(named).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/does not fit into an mp4 file: name a file that ends with \.mkv: --out FILE\.mkv$/m),
  });
  expect(readdirSync(cwd)).not.toContain('x.mp4');
});

it('keeps the sound where it is asked to', { timeout: 60_000 }, async () => {
  const cwd = await site(`${H264} ${SOUND}`);
  const silent = await framegate(['camera', 'record', 'front', '--duration', '2s', '--out', 'silent.mp4'], { cwd });
  expect(silent, silent.stderr).toMatchObject({ code: 0 });
  expect((await inspect(join(cwd, 'silent.mp4'))).streams).toEqual(['h264']);
  const loud = await framegate(['camera', 'record', 'front', '--duration', '2s', '--audio'], { cwd });
  expect(loud, loud.stderr).toMatchObject({ code: 0, stdout: expect.stringMatching(/\.mkv\n$/) });
  const { streams, frames } = await inspect(join(cwd, loud.stdout.trim()));
  expect(streams).toEqual(['h264', 'pcm_alaw']);
  expect(frames).toBeGreaterThan(10);
});

it('says that the disk is full, and keeps what fits', { timeout: 60_000 }, async ({ skip }) => {
  if (process.getuid?.() !== 0) {
    console.log('skipped: only root can make a small disk');
    skip();
  }
  const cwd = await site(H264.replace('key-int-max', 'bitrate=4000 key-int-max').replace('ball', 'snow'));
  const disk = join(cwd, 'disk');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
  onTestFinished(() => void execFileSync('umount', [disk]));
  const { code, stderr } = await framegate(['camera', 'record', 'front', '--duration', '30s', '--out', 'disk/x.mp4'], {
    cwd,
  });
  expect([code, stderr.trim()]).toEqual([
    1,
    'error: no space left to write disk/x.mp4: what was recorded before can be played',
  ]);
  expect(statSync(join(disk, 'x.mp4')).size).toBeGreaterThan(500_000);
  expect((await inspect(join(disk, 'x.mp4'))).frames).toBeGreaterThan(5);
});
