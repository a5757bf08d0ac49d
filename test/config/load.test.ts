import { describe, expect, it } from 'vitest';
import { loadServeConfig } from '../../src/config/load.ts';
import { BROKER, configFile, loadText, refusal } from './config-file.ts';

const camera = (text: string) => `${BROKER}cameras:\n  front:\n    url: rtsp://h/s\n${text}`;

describe('a config that is right', () => {
  it('is the minimal one, with defaults for everything else', async () => {
    const { config, file } = await loadText(`${BROKER}cameras:\n  front: { url: rtsp://192.0.2.10/stream2 }\n`);
    expect(config.cameras['front']).toMatchObject({ enabled: true, decode: { fps: 5, stallTimeout: 10_000 } });
    expect(config.inference).toMatchObject({ url: 'http://localhost:9001', model: 'coco/1' });
    expect(file).toMatch(/^\/.*framegate\.yaml$/);
  });

  it('may have groups with nothing but comments in them', async () => {
    const { config } = await loadText(`${BROKER}log:\ncameras:\n  # none yet\n`);
    expect(config.cameras).toEqual({});
    expect(config.log.level).toBe('info');
  });

  it('may share settings between cameras with anchors and merges', async () => {
    const { config } = await loadText(
      `${BROKER}cameras:\n  front: &camera\n    url: rtsp://h/1\n    motion: { threshold: 30 }\n  back:\n    <<: *camera\n    url: rtsp://h/2\n`,
    );
    expect(config.cameras['back']).toMatchObject({ url: 'rtsp://h/2', motion: { threshold: 30 } });
  });

  it('may come from Windows, with a byte order mark and CRLF', async () => {
    const { config } = await loadText(`\uFEFF${BROKER}cameras:\n  a: { url: rtsp://h/s }\n`.replaceAll('\n', '\r\n'));
    expect(config.cameras['a']?.url).toBe('rtsp://h/s');
  });
});

describe('a mistake in a config', () => {
  it('names file, line, column and key, and what was probably meant', async () => {
    const { error, lines } = await refusal(camera('    motion:\n      treshold: 30\n'));
    expect(error).toMatchObject({ code: 'ERR_CONFIG_INVALID', retryable: false });
    expect(lines).toEqual(['f.yaml:6:7 cameras.front.motion.treshold: unknown key, did you mean threshold?']);
  });

  it.each([
    ['spelled in snake_case', '    motion: { min_area: 0.1 }\n', 'did you mean minArea?'],
    ['in the wrong group', '    threshold: 30\n', 'did you mean motion.threshold?'],
    [
      'like no other',
      '    colour: red\n',
      'known here are url, transport, pictures, enabled, decode, motion, trigger, tracking, zones',
    ],
  ])('is an unknown key %s', async (_, text, advice) => {
    const { lines } = await refusal(camera(text));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`unknown key, ${advice}`);
  });

  it.each([
    ['text for a number', 'motion: { threshold: "30" }', 'motion.threshold: expected a number, found "30"'],
    [
      'a fraction for a whole number',
      'motion: { minFrames: 1.5 }',
      'motion.minFrames: expected a whole number, found 1.5',
    ],
    ['a word for true or false', 'enabled: yes', 'enabled: expected true or false, found "yes"'],
    [
      'a bare number for a duration',
      'trigger: { interval: 10 }',
      'expected a duration such as 250ms, 10s or 5m, found 10',
    ],
    [
      'a duration without a unit',
      'trigger: { interval: "10" }',
      'expected a duration such as 250ms, 10s or 5m, found "10"',
    ],
    ['a number out of bounds', 'decode: { fps: 100 }', 'decode.fps: must be at most 30, found 100'],
    ['a duration out of bounds', 'trigger: { interval: 1ms }', 'must be between 50ms and 1h, found "1ms"'],
    ['text for a list', 'tracking: { labels: person }', 'tracking.labels: expected a list, found "person"'],
    ['a list for a group', 'motion: [1, 2]', 'motion: expected a group of keys, found a list of 2'],
    ['nothing for a value', 'enabled:', 'enabled: expected true or false, found nothing'],
    [
      'a polygon with two corners',
      'motion: { masks: [[[0, 0], [1, 1]]] }',
      'masks.0: a polygon needs at least three points',
    ],
  ])('is %s', async (_, text, message) => {
    const { lines } = await refusal(camera(`    ${text}\n`));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^f\.yaml:5:\d+ cameras\.front\./);
    expect(lines[0]).toContain(message);
  });

  it('is a value that is none of the possible ones', async () => {
    const { lines } = await refusal(`${BROKER}log: { level: loud }\n`);
    expect(lines).toEqual(['f.yaml:2:15 log.level: expected debug, info, warn or error, found "loud"']);
  });

  it('is a missing key, told at the group it is missing from, with what it means', async () => {
    const { lines } = await refusal(`${BROKER}cameras:\n  front:\n    enabled: false\n`);
    expect(lines).toEqual([
      'f.yaml:3:3 cameras.front.url: missing (RTSP URL of the stream that is watched, best a sub stream)',
    ]);
  });

  it('is an id that cannot be a topic', async () => {
    const { lines } = await refusal(`${BROKER}cameras:\n  Front Door: { url: rtsp://h/s }\n`);
    expect(lines[0]).toMatch(/^f\.yaml:3:3 cameras\.Front Door: expected lower-case letters/);
  });

  it('is two cameras with one id, and both lines are named', async () => {
    const { lines } = await refusal(
      `${BROKER}cameras:\n  front: { url: rtsp://h/1 }\n  back: { url: rtsp://h/2 }\n  front: { url: rtsp://h/3 }\n`,
    );
    expect(lines).toEqual(['f.yaml:5:3 cameras.front: duplicate key, already on line 3']);
  });

  it('is told together with all the others, in the order of the file', async () => {
    const { lines } = await refusal(camera('    motion: { treshold: 1 }\n  back: { url: http://h/s }\nlogs: {}\n'));
    expect(lines.map((line) => line.split(' ')[1])).toEqual([
      'cameras.front.motion.treshold:',
      'cameras.back.url:',
      'logs:',
    ]);
  });

  it('never shows a password, not even that of a URL which is wrong', async () => {
    const { lines } = await refusal(`${BROKER}cameras:\n  a: { url: http://u:s3cret@h/s }\n  b: { url: "\${B}" }\n`, {
      B: 'http://u:hidden@h/s',
    });
    expect(lines).toHaveLength(2);
    expect(lines.join('\n')).not.toMatch(/s3cret|hidden/);
  });
});

describe('the config of framegate serve', () => {
  it('needs no broker, and no passwords of cameras', async () => {
    const file = configFile('serve: { port: 9100 }\ncameras:\n  a: { url: "rtsp://u:${NOT_SET}@h/s" }\n');
    const { config } = await loadServeConfig(file, {});
    expect(config.serve.port).toBe(9100);
  });

  it('is checked for what it does need', async () => {
    const file = configFile('serve: { prot: 9100 }\nsevre: {}\n');
    await expect(loadServeConfig(file, {})).rejects.toThrow(/serve\.prot: unknown key[\s\S]*sevre: unknown key/);
  });
});
