import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { cameraConfig } from '../../src/config/schema.ts';
import { Switches } from '../../src/switches.ts';
import { silentLogger } from '../../src/telemetry/logger.ts';

let file: string;
beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'framegate-switches-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  file = join(folder, 'state', 'switches.json');
});

const camera = (settings = {}) => cameraConfig.parse({ url: 'rtsp://h/s', ...settings });

async function open(cameras = { front: camera(), back: camera({ enabled: false }) }, warnings: string[] = []) {
  const switches = new Switches(file, {
    ...silentLogger,
    warn: (_, message) => warnings.push(message),
    error: (_, message) => warnings.push(message),
  });
  await switches.load();
  switches.use(cameras);
  return switches;
}

it('are as the config says until somebody sets them', async () => {
  const switches = await open();
  expect(switches.of('front')).toEqual({
    ...{ enabled: true, motion: true, detect: true, motion_sensitivity: 'medium' },
    overridden: [],
  });
  expect(switches.of('back').enabled).toBe(false);
});

it.each([
  ['motion', 'OFF', false],
  ['motion', ' off ', false],
  ['detect', 'false', false],
  ['enabled', 'True', true],
  ['motion_sensitivity', 'HIGH', 'high'],
] as const)('%s %j is understood', async (key, text, value) => {
  const switches = await open();
  expect((await switches.set('front', key, text))[key]).toBe(value);
});

it.each([
  ['front', 'motion', 'maybe', /expected ON or OFF/],
  ['front', 'motion', '', /expected ON or OFF/],
  ['front', 'motion_sensitivity', 'ON', /expected low, medium, high/],
  ['front', 'colour', 'ON', /known are enabled/],
  ['front', '__proto__', 'ON', /no switch/],
  ['yard', 'motion', 'ON', /no camera yard/],
  ['constructor', 'motion', 'ON', /no camera/],
])('%s %s %j is refused', async (id, key, text, reason) => {
  const switches = await open();
  const error = await switches.set(id, key, text).catch((caught) => caught);
  expect(error).toMatchObject({ code: 'ERR_GATEWAY_REFUSED' });
  expect(`${error.message}: ${error.hint}`).toMatch(reason);
});

it('are kept over a restart, until they are set to what the config says', async () => {
  const first = await open();
  await first.set('back', 'enabled', 'ON');
  await first.set('front', 'motion', 'OFF');
  const second = await open();
  expect([second.of('back').enabled, second.of('front').motion]).toEqual([true, false]);
  expect(second.of('front').overridden).toEqual(['motion']);
  await second.set('front', 'motion', 'ON');
  expect(JSON.parse(await readFile(file, 'utf8')).cameras).toEqual({ back: { enabled: true } });
});

it('stay over a change of the config, and those of a camera that is gone are forgotten', async () => {
  const switches = await open();
  await switches.set('front', 'motion_sensitivity', 'low');
  await switches.set('back', 'enabled', 'ON');
  switches.use({ front: camera({ motion: { sensitivity: 'high' } }) });
  expect(switches.of('front').motion_sensitivity).toBe('low');
  await switches.set('front', 'detect', 'OFF');
  expect(Object.keys(JSON.parse(await readFile(file, 'utf8')).cameras)).toEqual(['front']);
});

it('are as the config says where the file cannot be understood, which is told', async () => {
  await (await open()).set('front', 'motion', 'OFF');
  for (const text of ['{', '[]', '{"cameras":{"front":{"motion":"perhaps"}}}', '{"cameras":{"front":3}}']) {
    await writeFile(file, text);
    const warnings: string[] = [];
    expect((await open(undefined, warnings)).of('front').motion).toBe(true);
    expect(warnings.length).toBe(text.startsWith('{"cameras":{"front":3') || text === '[]' ? 0 : 1);
  }
});

it('work although they cannot be saved, which is told', async () => {
  file = '/dev/null/switches.json';
  const warnings: string[] = [];
  const switches = await open(undefined, warnings);
  warnings.length = 0;
  expect((await switches.set('front', 'detect', 'OFF')).detect).toBe(false);
  expect(warnings).toEqual(['switches could not be saved, a restart will forget them']);
});
