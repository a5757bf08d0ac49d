import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { score } from '../../src/backtest/score.ts';
import { checkTruth, parseTruth } from '../../src/backtest/truth.ts';
import { testData } from '../helpers/test-data.ts';
import { container, cutOff, folder, replay, runBundledFfmpeg, settings, VISIT } from './clips.ts';

const always = settings({ decode: { mode: 'always' } });

describe('a clip through the code of the live path', () => {
  it('opens the gate when something moves and closes it after the delay', async () => {
    const { runs, seconds, frames } = await replay(await container('visit.mp4', VISIT), [settings()]);
    expect(frames).toBe(300);
    expect(seconds).toBeCloseTo(29.9, 3);
    expect(runs[0]!.events).toHaveLength(1);
    const [[start, end]] = runs[0]!.events as [[number, number]];
    expect(start).toBeGreaterThan(14);
    expect(start).toBeLessThan(15.5);
    expect(end).toBeGreaterThan(21);
    expect(end).toBeLessThan(24);
    expect(runs[0]!.triggered[0]).toBe(start);
  });

  it('decodes keyframes only while nothing moves, and finds the same event', async () => {
    const file = await container('long.mp4', { ...VISIT, seconds: 60, motion: [[40, 44]] });
    const [auto, all] = (await replay(file, [settings(), always])).runs;
    expect(auto!.framesDecoded).toBeLessThan(all!.framesDecoded);
    expect(all!.framesDecoded).toBe(600);
    expect(auto!.events).toHaveLength(1);
    expect(Math.abs(auto!.events[0]![0] - all!.events[0]![0])).toBeLessThanOrEqual(0.2);
  });

  it('makes the same of each set of settings beside others as alone', async () => {
    const file = await container('grid.mp4', { ...VISIT, noise: 8 });
    const variants = [
      settings(),
      settings({ motion: { sensitivity: 'high' } }),
      settings({ motion: { minArea: 0.01 } }),
      settings({ decode: { fps: 2 } }),
      always,
    ];
    const together = await replay(file, variants);
    for (const [index, variant] of variants.entries())
      expect((await replay(file, [variant])).runs[0]).toEqual(together.runs[index]);
    expect(together.runs[3]!.seen.length).toBeLessThan(together.runs[4]!.seen.length);
  });

  it('reads containers, codecs and byte streams alike', async () => {
    const plain = await container('a.mp4', VISIT);
    const matroska = await container('a.mkv', VISIT);
    const transport = await container('a.ts', VISIT);
    const hevc = await container('a.mp4', { ...VISIT, codec: 'h265' });
    const mjpeg = join(folder(), 'a.avi');
    await runBundledFfmpeg(['-i', plain, '-c:v', 'mjpeg', '-q:v', '3', mjpeg]);
    const expected = (await replay(plain, [always])).runs[0]!;
    expect((await replay(matroska, [always])).runs[0]!.seen).toEqual(expected.seen);
    for (const file of [matroska, transport, hevc, mjpeg]) {
      const [run] = (await replay(file, [always])).runs;
      expect(run!.events, file).toHaveLength(1);
      expect(Math.abs(run!.events[0]![0] - expected.events[0]![0]), file).toBeLessThanOrEqual(0.4);
    }
  });

  it.each([
    ['H.264', ['-c:v', 'libx264', '-bf', '3', '-g', '50']],
    ['H.265 with open GOPs', ['-c:v', 'libx265', '-x265-params', 'bframes=3:keyint=50:open-gop=1:log-level=error']],
  ])('takes the pictures of a clip with B-frames in the order of showing: %s', async (_, coder) => {
    const file = join(folder(), 'b.mp4');
    await runBundledFfmpeg(['-i', await container('a.mp4', VISIT), '-preset', 'ultrafast', ...coder, file]);
    const { runs, notes } = await replay(file, [settings()]);
    expect(runs[0]!.events).toHaveLength(1);
    expect(runs[0]!.events[0]![0]).toBeGreaterThan(14);
    expect(runs[0]!.events[0]![0]).toBeLessThan(15.5);
    expect(runs[0]!.seen.length).toBeGreaterThan(140);
    expect(notes.join()).toContain('B-frames');
  });

  it('keeps to the times of the frames where their rate varies', async () => {
    const file = join(folder(), 'vfr.mp4');
    const drop = "select='lt(t,10)+gt(t,10)*not(mod(n,4))'";
    const plain = await container('a.mp4', VISIT);
    await runBundledFfmpeg(['-i', plain, '-vf', drop, '-vsync', 'vfr', '-c:v', 'libx264', '-bf', '0', file]);
    const { runs, notes, seconds } = await replay(file, [settings()]);
    expect(seconds).toBeGreaterThan(29);
    expect(runs[0]!.events).toHaveLength(1);
    expect(runs[0]!.events[0]![0]).toBeGreaterThan(14);
    expect(runs[0]!.events[0]![0]).toBeLessThan(16.5);
    expect(notes.join()).toContain('frame rate varies');
  });

  it.each([
    [90, [240, 320]],
    [180, [320, 240]],
    [270, [240, 320]],
  ])('turns a clip by %i degrees as players show it, and masks with it', async (degrees, shape) => {
    // The box crosses the middle row from left to right. Turned by a quarter it crosses the middle column.
    const file = await container('turned.mp4', VISIT, ['-metadata:s:v', `rotate=${degrees}`]);
    const strip =
      degrees === 180
        ? [
            [0, 0.3],
            [1, 0.3],
            [1, 0.7],
            [0, 0.7],
          ]
        : [
            [0.3, 0],
            [0.7, 0],
            [0.7, 1],
            [0.3, 1],
          ];
    const across = strip.map(([x, y]) => [y, x]);
    const { runs, width, height, notes } = await replay(file, [
      always,
      settings({ decode: { mode: 'always' }, motion: { masks: [strip] } }),
      settings({ decode: { mode: 'always' }, motion: { masks: [across] } }),
    ]);
    expect([width, height]).toEqual(shape);
    expect(runs.map(({ events }) => events.length)).toEqual([1, 0, expect.any(Number)]);
    expect(runs[2]!.events.length).toBeGreaterThan(0);
    expect(notes.join()).toContain('turned');
  });

  it('collects what a report shows', async () => {
    const file = await container('visit.mp4', VISIT);
    const truth = { motion: [[14, 18]] as const, ignore: [] };
    const { detail } = await replay(file, [settings()], { wantsDetail: true, truth });
    expect(detail!.samples.length).toBeGreaterThan(50);
    expect(detail!.decoding[0]).toMatchObject({ t: 0 });
    expect(detail!.snapshots.map(({ of }) => of).sort()).toEqual(['event', 'truth']);
    expect(detail!.snapshots.every(({ jpeg }) => jpeg[0] === 0xff && jpeg[1] === 0xd8)).toBe(true);
    const { columns, counts } = detail!.heat;
    const rows = counts.flatMap((count, index) => (count > 0 ? [Math.floor(index / columns)] : []));
    expect(Math.min(...rows)).toBeGreaterThan(8);
    expect(Math.max(...rows)).toBeLessThan(19);
  });
});

describe('a clip that cannot be used', () => {
  const problem = (file: string) =>
    replay(file, [settings()]).then(
      () => 'none',
      (error: Error & { hint?: string }) => `${error.message}: ${error.hint}`,
    );

  it('is named with the way out', async () => {
    const whole = await container('a.mp4', { ...VISIT, seconds: 10, motion: 'everywhere' }, [
      '-movflags',
      '+faststart',
    ]);
    const matroska = await container('a.mkv', { ...VISIT, seconds: 10, motion: 'everywhere' });
    const sound = join(folder(), 'sound.m4a');
    await runBundledFfmpeg(['-f', 'lavfi', '-i', 'sine=d=1', sound]);
    expect(await problem(await cutOff(whole, 0.5))).toMatch(
      /a-cut\.mp4 is truncated: it ends at \d\.\ds of 10\.0s: copy/,
    );
    expect(await problem(await cutOff(matroska, 0.5))).toMatch(/a-cut\.mkv is truncated.*: copy/);
    expect(await problem(sound)).toMatch(/sound\.m4a has no video: choose/);
    expect(await problem(join(folder(), 'none.mp4'))).toMatch(/none\.mp4 cannot be read: see/);
    expect(await problem(new URL(import.meta.url).pathname)).toMatch(
      /replay\.test\.ts is no video that ffmpeg can read/,
    );
  });

  it('is truncated where its index is gone', async () => {
    const whole = await container('b.mp4', { ...VISIT, seconds: 5 });
    expect(await problem(await cutOff(whole, 0.5))).toMatch(/b-cut\.mp4 has no index: it is truncated: copy/);
  });
});

const truthFile = testData('truth.json');

describe.skipIf(!truthFile)('labelled clips at default settings', () => {
  it.each(['one-by-one-person-detection.mp4', 'car-detection.mp4'])('are found whole in %s', async (clip) => {
    const file = testData(clip);
    if (!file || !truthFile) return;
    const truth = checkTruth(truthFile, clip, parseTruth(truthFile, readFileSync(truthFile, 'utf8')).get(clip));
    const run = (await replay(file, [settings()])).runs[0]!;
    const { truthEvents, hits, falseEvents } = score(truth, { ...run, frames: run.seen });
    expect({ hits, falseEvents }).toEqual({ hits: truthEvents, falseEvents: 0 });
  });

  it('are seen in time, also with B-frames of which the parameter sets say nothing', async ({ skip }) => {
    const file = testData('one-by-one-person-detection.mp4');
    if (!file) return skip('the clip is not among the test data');
    const run = (await replay(file, [settings()])).runs[0]!;
    // A foot is in the picture of 6.0 s, and of no other before.
    expect(run.events[0]![0]).toBeCloseTo(6, 2);
  });
});

it('counts the frames that are sent because of the time, but for those that motion sends anyway', async () => {
  const file = await container('visit.mp4', VISIT);
  const { runs } = await replay(file, [settings(), settings({ trigger: { every: '4s' } })]);
  // At 16 s something moves.
  expect(runs.map(({ framesByTime }) => framesByTime)).toEqual([0, 6]);
  expect(runs[1]?.triggered).toEqual(runs[0]?.triggered);
});
