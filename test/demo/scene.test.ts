import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadStream } from '../../src/demo/rtsp-camera/elementary-stream.ts';
import { makeScene } from '../../src/demo/scene.ts';
import { bundledFfmpeg, runBundledFfmpeg } from '../helpers/clips.ts';

const WIDTH = 64;
const HEIGHT = 36;
const forever = new AbortController().signal;
const small = { ffmpeg: bundledFfmpeg, seconds: 20, width: 320, height: 180, fps: 5, gop: 10, signal: forever };
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'framegate-scene-'));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

describe('the demo scene', () => {
  test('lasts as long as it says, with a keyframe in every GOP and one slice per picture', async () => {
    const scene = await makeScene({ ...small, directory });
    expect(scene).toMatchObject({ seconds: 20, width: 320, height: 180, fps: 5 });
    const { accessUnits } = await loadStream(scene.file, 'h264', scene.fps);
    expect(accessUnits).toHaveLength(100);
    expect(accessUnits.map((unit) => unit.keyframe)).toEqual(accessUnits.map((_, index) => index % 10 === 0));
    expect(accessUnits.filter((unit) => !unit.keyframe).every((unit) => unit.nals.length === 1)).toBe(true);
  });

  test('shows a yard in which something moves during the visits and at no other time', async () => {
    const { file, fps, visits } = await makeScene({ ...small, directory });
    const scale = ['-vf', `scale=${WIDTH}:${HEIGHT}:flags=area,format=gray`];
    const bytes = await runBundledFfmpeg(['-f', 'h264', '-i', file, ...scale, '-f', 'rawvideo', 'pipe:1']);
    const size = WIDTH * HEIGHT;
    const frames = Array.from({ length: bytes.length / size }, (_, index) =>
      bytes.subarray(index * size, (index + 1) * size),
    );
    const change = frames.map((frame) => Math.max(...frame.map((luma, at) => Math.abs(luma - frames[0]![at]!))));
    expect(visits).toEqual([
      [2, 5.5],
      [11, 14.5],
    ]);
    for (const [index, amount] of change.entries()) {
      const at = index / fps;
      const during = visits.some(([start, end]) => at > start + 0.4 && at < end - 0.4);
      const outside = visits.every(([start, end]) => at <= start || at >= end);
      if (during) expect(amount, `change at ${at} s`).toBeGreaterThan(40);
      if (outside) expect(amount, `change at ${at} s`).toBeLessThan(10);
    }
  });

  test('lets the visitor walk to the right first, then back to the left', async () => {
    const { file, fps, visits } = await makeScene({ ...small, directory });
    const scale = ['-vf', `scale=${WIDTH}:${HEIGHT}:flags=area,format=gray`];
    const bytes = await runBundledFfmpeg(['-f', 'h264', '-i', file, ...scale, '-f', 'rawvideo', 'pipe:1']);
    const size = WIDTH * HEIGHT;
    /** Where the picture at `seconds` differs most from the empty yard, from 0 left to 1 right. */
    const place = (seconds: number) => {
      const start = Math.round(seconds * fps) * size;
      const columns = Array.from({ length: WIDTH }, (_, x) => {
        let sum = 0;
        for (let y = 0; y < HEIGHT; y += 1) sum += Math.abs(bytes[start + y * WIDTH + x]! - bytes[y * WIDTH + x]!);
        return sum;
      });
      return columns.indexOf(Math.max(...columns)) / WIDTH;
    };
    const path = visits.map(([start, end]) => [0.3, 0.5, 0.7].map((part) => place(start + part * (end - start))));
    expect(path[0]).toEqual([...path[0]!].sort((a, b) => a - b));
    expect(path[1]).toEqual([...path[1]!].sort((a, b) => b - a));
    expect(Math.abs(path[0]![0]! - path[0]![2]!)).toBeGreaterThan(0.3);
  });

  test('is made once: the next call finds it, even without ffmpeg', async () => {
    const first = await makeScene({ ...small, directory });
    const { mtimeMs } = await stat(first.file);
    const second = await makeScene({ ...small, directory, ffmpeg: '/nowhere/ffmpeg' });
    expect(second).toEqual(first);
    expect((await stat(second.file)).mtimeMs).toBe(mtimeMs);
    expect(await readdir(directory)).toHaveLength(1);
  });

  test('is made anew for other parameters', async () => {
    const first = await makeScene({ ...small, seconds: 4, directory });
    const second = await makeScene({ ...small, seconds: 4, gop: 5, directory });
    expect(second.file).not.toBe(first.file);
  });

  test('leaves nothing half-made behind when it is interrupted', async () => {
    const abort = new AbortController();
    const making = makeScene({ ...small, seconds: 4000, directory, signal: abort.signal });
    setTimeout(() => abort.abort(), 1500);
    await expect(making).rejects.toThrow('aborted');
    expect(await readdir(directory)).toEqual([]);
  });

  test('says what is missing when ffmpeg is not there', async () => {
    const making = makeScene({ ...small, directory, ffmpeg: '/nowhere/ffmpeg' });
    await expect(making).rejects.toMatchObject({
      code: 'ERR_FFMPEG_MISSING',
      message: expect.stringContaining('/nowhere/ffmpeg'),
    });
  });
});
