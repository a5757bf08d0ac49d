/**
 * The built command on real clips.
 */
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { framegate, newFolder } from '../helpers/framegate.ts';
import { detections, InferenceServer } from '../helpers/inference-server.ts';
import { container, cutOff, VISIT } from './clips.ts';

const TRUTH = { 'visit.mp4': { motion: [[14, 18]], ignore: [] } };

/** A folder with a clip in which something moves from 14 to 18 s, its truth, and a config with two cameras. */
async function site(): Promise<string> {
  const cwd = newFolder();
  await copyFile(await container('visit.mp4', VISIT), join(cwd, 'visit.mp4'));
  await writeFile(join(cwd, 'truth.json'), JSON.stringify(TRUTH));
  await writeFile(
    join(cwd, 'framegate.yaml'),
    `mqtt: { url: mqtt://localhost:1 }
inference: { url: http://localhost:1, model: coco/1 }
cameras:
  # deaf on purpose
  front:
    url: rtsp://user:\${FRONT_PASSWORD}@192.0.2.1/
    motion:
      minArea: 0.3 # far too much
  back: { url: rtsp://192.0.2.2/ }
`,
  );
  return cwd;
}

it('scores a clip against its truth, and prints figures', async () => {
  const cwd = await site();
  const { code, stdout, stderr } = await framegate(['backtest', 'visit.mp4', '--truth', 'truth.json', '--json'], {
    cwd,
  });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({
    version: expect.any(String),
    config_hash: expect.stringMatching(/^[0-9a-f]{16}$/),
    failed: {},
  });
  expect(report.clips['visit.mp4']).toMatchObject({
    ...{ truth_events: 1, events: 1, hits: 1, misses: 0, false_events: 0, false_events_per_hour: 0 },
    ...{ frames: 300, cpu_seconds: null, missed_times: [], false_times: [] },
  });
  expect(report.clips['visit.mp4'].onset_delay_s.median).toBeLessThan(1.5);
  expect(report.total.hits).toBe(1);
});

it('writes the same report each time, byte for byte, whatever runs beside', async () => {
  const cwd = await site();
  await copyFile(await container('other.mkv', { ...VISIT, motion: [[20, 24]] }), join(cwd, 'other.mkv'));
  const args = [
    'backtest',
    'visit.mp4',
    'other.mkv',
    '--truth',
    'truth.json',
    '--sweep',
    'motion.sensitivity=low,high',
  ];
  for (const [out, jobs] of [
    ['one', '1'],
    ['two', '2'],
  ] as const)
    expect((await framegate([...args, '--out', out, '--jobs', jobs], { cwd })).code).toBe(0);
  const read = (path: string) => readFile(join(cwd, path), 'utf8');
  expect(await read('one/report.json')).toBe(await read('two/report.json'));
  const html = await read('one/report.html');
  expect(html).toBe(await read('two/report.html'));
  // Nothing is fetched from anywhere.
  expect(html).not.toMatch(/(?:src|href)="(?!data:|#)|url\(|@import/);
  expect(html).toContain('visit.mp4');
});

it('names each clip that cannot be used, goes on with the others, and fails in the end', async () => {
  const cwd = await site();
  await cutOff(join(cwd, 'visit.mp4'), 0.5);
  await writeFile(join(cwd, 'notes.txt'), 'no video');
  await copyFile(join(cwd, 'visit.mp4'), join(cwd, 'second.mp4'));
  await writeFile(join(cwd, 'wrong.json'), JSON.stringify({ ...TRUTH, 'second.mp4': { motion: [[5, 3]] } }));
  const { code, stdout, stderr } = await framegate(
    [
      'backtest',
      'visit-cut.mp4',
      'notes.txt',
      'none.mp4',
      'second.mp4',
      'visit.mp4',
      '--truth',
      'wrong.json',
      '--json',
    ],
    { cwd },
  );
  expect(code).toBe(1);
  expect(Object.keys(JSON.parse(stdout).clips)).toEqual(['visit.mp4']);
  expect(Object.keys(JSON.parse(stdout).failed)).toEqual(['visit-cut.mp4', 'notes.txt', 'none.mp4', 'second.mp4']);
  expect(stderr.trim().split('\n')).toEqual([
    '4 problems:',
    expect.stringMatching(/^ {2}visit-cut\.mp4 has no index: it is truncated: /),
    // An ffmpeg of 2018 takes text for ANSI art.
    expect.stringMatching(/^ {2}notes\.txt (is no video|has no picture)/),
    '  none.mp4 cannot be read: see whether the path is right and you may read it',
    '  wrong.json: second.mp4.motion: [5, 3] is reversed: write the start first, then the end',
  ]);
});

it('takes the settings of a camera without its password, and compares others with them', async () => {
  const cwd = await site();
  const args = ['backtest', 'visit.mp4', '--truth', 'truth.json', '--camera', 'front', '--json'];
  const { stdout, stderr } = await framegate([...args, '--sweep', 'motion.minArea=0.001,0.2'], { cwd });
  expect(stderr).toBe('');
  const { total, sweep } = JSON.parse(stdout);
  expect(total.misses).toBe(1);
  expect(
    sweep.map((row: { settings: unknown; total: { misses: number } }) => [row.settings, row.total.misses]),
  ).toEqual([
    [{ 'motion.minArea': 0.001 }, 0],
    [{ 'motion.minArea': 0.2 }, 1],
  ]);
  const set = await framegate([...args, '--set', 'motion.minArea=0.001'], { cwd });
  expect(JSON.parse(set.stdout).total).toEqual(sweep[0].total);
  expect(JSON.parse(set.stdout).config_hash).toBe(sweep[0].config_hash);
});

it('compares heights of the frames too, which are decoded one after the other', async () => {
  const cwd = await site();
  const args = ['backtest', 'visit.mp4', '--truth', 'truth.json', '--json', '--sweep', 'decode.height=120,180'];
  const { total, sweep } = JSON.parse((await framegate(args, { cwd })).stdout);
  expect(sweep[0].total).toMatchObject({ hits: 1, false_events: 0, frames: 300 });
  expect(sweep[1].total).toEqual(total);
});

it('tunes a camera, and writes into its config only what it was asked to', { timeout: 120_000 }, async () => {
  const cwd = await site();
  const args = ['backtest', 'visit.mp4', '--truth', 'truth.json', '--camera', 'front', '--tune'];
  const before = await readFile(join(cwd, 'framegate.yaml'), 'utf8');
  const told = await framegate(args, { cwd });
  expect(told.stderr).toMatch(/best: .*\n.*too few clips with truth/);
  expect(await readFile(join(cwd, 'framegate.yaml'), 'utf8')).toBe(before);
  const { code, stdout } = await framegate([...args, '--write', '--json'], { cwd });
  expect(code).toBe(0);
  expect(JSON.parse(stdout).total).toMatchObject({ hits: 1, misses: 0, false_events: 0 });
  const after = await readFile(join(cwd, 'framegate.yaml'), 'utf8');
  expect(after).not.toBe(before);
  expect(after).toContain('# deaf on purpose');
  expect(after).toContain('${FRONT_PASSWORD}');
  const again = await framegate(['backtest', 'visit.mp4', '--truth', 'truth.json', '--camera', 'front', '--json'], {
    cwd,
  });
  expect(JSON.parse(again.stdout).total).toEqual(JSON.parse(stdout).total);
});

it('lists the events of clips without truth, and writes them down to be labelled', async () => {
  const cwd = await site();
  await writeFile(join(cwd, 'mine.json'), '{"old.mp4": {"motion": [[1, 2]]}}');
  const { code, stdout, stderr } = await framegate(['backtest', 'visit.mp4', '--write-truth', 'mine.json'], { cwd });
  expect(code).toBe(0);
  expect(stdout).toMatch(/visit\.mp4: 1[45]\.\d-2\d\.\d/);
  expect(stderr).toContain('wrote mine.json: 1 clips added, kept 1 that it had');
  const labels = JSON.parse(await readFile(join(cwd, 'mine.json'), 'utf8'));
  expect(labels['old.mp4']).toEqual({ motion: [[1, 2]] });
  const [[start, end]] = labels['visit.mp4'].motion;
  expect(start).toBeGreaterThan(13.9);
  expect(end).toBeLessThan(19);
});

it('asks the model about the frames that would be sent, and keeps unknown apart from nothing', async () => {
  const cwd = await site();
  const server = await InferenceServer.start(
    detections([{ x: 160, y: 120, width: 60, height: 120, confidence: 0.9, class: 'person' }]),
  );
  const config = await readFile(join(cwd, 'framegate.yaml'), 'utf8');
  await writeFile(join(cwd, 'framegate.yaml'), config.replace('http://localhost:1', server.url));
  const args = ['backtest', 'visit.mp4', '--inference', '--json'];
  const env = { FRONT_PASSWORD: 'x' };
  const asked = JSON.parse((await framegate(args, { cwd, env })).stdout).clips['visit.mp4'];
  expect(asked.inference).toMatchObject({
    sent: asked.frames_triggered,
    answered: asked.frames_triggered,
    unknown: {},
  });
  expect(asked.inference.events[0]).toMatchObject({ verdict: 'something', labels: { person: 0.9 }, for_nothing: 0 });
  await server[Symbol.asyncDispose]();
  const alone = JSON.parse((await framegate(args, { cwd, env })).stdout).clips['visit.mp4'];
  expect(alone.inference).toMatchObject({ sent: asked.frames_triggered, answered: 0 });
  expect(alone.inference.events[0]).toMatchObject({ verdict: 'unknown', answered: 0, for_nothing: 0 });
});

it.each([
  [['backtest'], 2],
  [['backtest', 'visit.mp4', '--set', 'motion.nonsense=1'], 2],
  [['backtest', 'visit.mp4', '--sweep', 'motion.threshold'], 2],
  [['backtest', 'visit.mp4', '--tune'], 2],
  [['backtest', 'visit.mp4', '--camera', 'nobody'], 2],
  [['backtest', 'visit.mp4', '--camera', 'front', '-c', 'none.yaml'], 78],
  [['backtest', 'visit.mp4', '--truth', 'none.json'], 1],
])('%j ends with %i and one clear line', async (args, expected) => {
  const { code, stderr } = await framegate(args, { cwd: await site() });
  expect(code).toBe(expected);
  expect(stderr).not.toContain('    at ');
  expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(2);
});
